"""What is probably not meant in policies, before they judge anything. No policy is run.

`run.lint` is the whole; every other module holds rules over one concern. Rules read regorus's
syntax tree, so that they are the same whichever engine judges.
"""
