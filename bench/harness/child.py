"""Runs a job in a process of its own, since libraries read their number of threads at import.

The parent imports no library: it receives plain data, message by message.
"""

import multiprocessing
import signal
import sys
import traceback

from bench.harness.instructions import hold
from bench.harness.pin import pin

GRACE = 5  # seconds that a terminated child has to clean up


def messages(job, measurements):
    """Run the job in a child process and yield its messages as they arrive.

    Parameters
    ----------
    job : Job
    measurements : callable
        Function of the job that returns its measurements, each a label and a function that
        returns the result as plain data. It is called in the child.

    Yields
    ------
    (str, object)
        For each measurement ("begin", (number, total, label)), then ("result", data) or
        ("failure", reason). A child that ends badly adds a ("failure", reason).
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(job, measurements, sender))
    process.start()
    sender.close()  # the child's copy is the only one left, so its end is the end of the messages
    try:
        while True:
            try:
                yield receiver.recv()
            except EOFError:
                break
        process.join()
        if process.exitcode != 0:
            yield "failure", f"the process of {job.section} ended with {process.exitcode}"
    finally:
        if process.is_alive():
            process.terminate()
            process.join(GRACE)
            process.kill()


def work(job, measurements, sender):
    # Ctrl-C reaches the child too, but only the parent answers it. It terminates the child, which
    # then exits normally, so that the libraries clean up.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    pin(job.threads)
    if job.target:
        hold(job.target)
    send_results(measurements(job), sender)


def send_results(found, sender):
    for number, (label, measure) in enumerate(found, 1):
        sender.send(("begin", (number, len(found), label)))
        try:
            sender.send(("result", measure()))
        except Exception as error:  # whatever a library raises must not end the section
            traceback.print_exc()
            sender.send(("failure", f"{label}: {type(error).__name__}: {error}"))
