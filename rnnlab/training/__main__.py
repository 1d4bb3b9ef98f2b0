"""The training process: `python -m rnnlab.training RUNFOLDER`."""

import faulthandler
import sys

from rnnlab.training.process import main

if __name__ == "__main__":
    faulthandler.enable()  # trainer.log says where a library crashed
    sys.exit(main(sys.argv[1:]))
