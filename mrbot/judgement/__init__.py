"""From material to assessment: rules, resources, policies, requirements.

Numbered steps, the same for `mrbot review`, the bot and `mrbot replay`. Pure but for the policy
engine, which is given in.

(1) rules          the organisation's, the target branch's and, where the change touches them, the
                   head's: all of them apply
(2) projects       which of the target's projects the files belong to
(3) resources      read statically; plans take the place of what they know better
(4) policies       each set over the documents it asked for
(5) requirements   from rules, CODEOWNERS, policies, and the owners of what steers the gate
(6) binding        what an approval of exactly this is bound to
"""

from mrbot.judgement.assess import assess
from mrbot.judgement.documents import Given, inputs_of
from mrbot.judgement.rules import policy_sets, projects_of

__all__ = ["Given", "assess", "inputs_of", "policy_sets", "projects_of"]
