"""``python -m geontm`` is the ``geontm`` command."""

from geontm.cli import main

if __name__ == "__main__":
    main()
