"""What Slurm prints of jobs that are over, read and put into sentences."""

from __future__ import annotations

import pytest

from rnnlab.engines.clusters.slurm_ended import EndedJob, EndedJobs, accounted, remembered

# `sacct --allocations --noheader --parsable2`: fields with bars between, as its manual documents them.
ACCOUNTS = """\
12_1|COMPLETED|0:0|None|01:00:03|n1
12_2|OUT_OF_MEMORY|0:125|OutOfMemory|00:00:12|n2
12_3|TIMEOUT|0:0|TimeLimit|2-00:00:11|n[3-4]
13|CANCELLED by 1000|0:0|None|00:00:02|n1
14|NODE_FAIL|1:0|NodeDown|00:10:00|n2
15_[4-6,9%2]|CANCELLED by 1000|0:0|None|00:00:00|None assigned
16|RUNNING|0:0|None|00:00:04|n1
"""
# `scontrol --oneliner show job`, shortened.
KNOWN = (
    "JobId=8 ArrayJobId=5 ArrayTaskId=1 JobName=rnnlab-lab JobState=FAILED Reason=NonZeroExitCode Dependency=(null) "
    "ExitCode=3:0 RunTime=00:00:03 NodeList=n2 WorkDir=/tmp/a b=c JobState\n"
    "JobId=5 ArrayJobId=5 ArrayTaskId=2-3%1 JobName=rnnlab-lab JobState=CANCELLED Reason=None ExitCode=0:15 "
    "RunTime=00:00:00 NodeList=(null)\n"
    "JobId=9 JobName=x JobState=COMPLETED Reason=None ExitCode=0:0 RunTime=00:00:07 NodeList=n1\n"
)


def test_each_job_says_how_it_ended_and_what_to_do() -> None:
    texts = [job.text for job in accounted(ACCOUNTS)]
    assert texts[1] == (
        "job 12_2: out of memory on n2 after 00:00:12, exit code 0:125, OutOfMemory; --memory asks for more; "
        "see slurm-12_2.log"
    )
    assert texts[2].startswith("job 12_3: out of time on n[3-4] after 2-00:00:11, TimeLimit; --time asks for more")
    assert texts[3] == "job 13: cancelled on n1 after 00:00:02"
    assert texts[4] == "job 14: lost with a node on n2 after 00:10:00, exit code 1:0, NodeDown; see slurm-14.log"
    assert texts[5] == "job 15_[4-6,9%2]: cancelled after 00:00:00"


def test_tasks_that_never_began_are_counted_each() -> None:
    jobs = [job for job in accounted(ACCOUNTS) if job.state != "RUNNING"]
    assert EndedJobs(tuple(jobs)).summary == (
        "9 jobs have ended: 1 completed, 1 out of memory, 1 out of time, 5 cancelled, 1 lost with a node"
    )
    assert EndedJobs((EndedJob("7", "FAILED"),)).summary == "1 job has ended: 1 failed"
    assert EndedJobs().summary == ""


def test_what_the_scheduler_remembers_is_read_alike() -> None:
    failed, cancelled, completed = remembered(KNOWN)
    assert failed == EndedJob("5_1", "FAILED", "3:0", "NonZeroExitCode", "00:00:03", "n2")
    assert (cancelled.number, cancelled.state, cancelled.count, cancelled.nodes) == ("5_[2-3%1]", "CANCELLED", 2, "")
    assert completed.number == "9"


@pytest.mark.parametrize(
    "text", ["", "|||||", "\n\n", "12", "\x1b[2J|\x1b]0;x\x07|a", "slurm_load_jobs error: none", "=1 JobState"]
)
def test_anything_else_is_no_job_and_no_command_of_a_terminal(text: str) -> None:
    for job in (*accounted(text), *remembered(text)):
        assert "\x1b" not in job.text
