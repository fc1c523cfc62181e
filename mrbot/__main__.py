"""`python -m mrbot` is `mrbot`."""

from mrbot.cli import main

if __name__ == "__main__":
    main()
