"""The training process: `python -m rnnlab.training RUNFOLDER`."""

import sys

from rnnlab.training.process import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
