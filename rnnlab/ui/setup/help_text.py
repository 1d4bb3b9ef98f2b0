"""The help of Setup: what its keys and panels do."""

HELP = """\
Choose on the left what is learned and which net learns it; the settings on the right follow. ↑ ↓ go through a list or \
the fields, tab to the next panel. / searches tasks, architectures and settings as you type: enter goes there, esc leaves \
all as it was; only in a field that takes text, as a path, it is a letter. In the form + \
and - step a value (1, 2, 4 …; 0.001, 0.002, 0.005 …), space and ← → choose, and what you type replaces what is there; \
esc takes back what was changed in the field, and then leads back to the screen you came from.

^b finds the hidden size that gives the net about as many parameters as the one you had before you entered the list of \
architectures, or as the task's own: so that two are compared fairly.

^e shows what the task learns from: its rows, how they are split, whether that leaks. For your own data ^g chooses a \
file; where it can be read in several ways, ^x shows them side by side, and what you pick becomes a setting.

The basic settings come first, the others are folded by section: ⏎ on a section, or + and -, unfolds and folds it, * all of \
them. The pane below says what a setting does, which values are usual and why one would change it. A • marks what differs \
from the task's default, also inside a folded section; a ✗ what is wrong, with the reason below it.

p lists presets: the lab's own settings, what was published for the task with its figure, the smallest net that reaches nearly \
as much. r tries ever larger learning rates and suggests one, t measures which batch size and how many threads train \
quickest. f fetches the data of a task that is not here yet (^f in any field). Where the same run was trained before, the \
box of the net names it.

A number's field takes several values, 64;128;256, or so many of a range, 1e-3..1e-1:log:5 (a comma stands between the layers \
of one net: 64,32;128 are two). Train then queues every combination as one session, a sweep; beyond two such fields and 24 \
combinations, 24 points spread evenly. What that takes stands below the form.

Several seeds, 0,1,2 or 0..4 in the field seed or those that the key Seeds asks for, train the same side \
by side: weights, order and dropout differ, the split is one. Sessions shows \
such runs as one row, mean ± standard deviation.

Train puts the run into today's session and starts it in the background: it continues when the app is closed. The line at the \
bottom is the same run as a command: click or copy it to repeat the run without the app."""
