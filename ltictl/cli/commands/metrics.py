"""``metrics``: numbers and times for Prometheus."""

from msgspec.structs import asdict

from ltictl.cli.command import OutputOption
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session


def metrics(
    session: Session,
    output: OutputOption = None,
) -> Report:
    """Print metrics in Prometheus's text format; reads stored documents and asks no LMS.

    With --output the file is replaced in one step, as node_exporter's textfile collector needs it.

    Example: ltictl metrics --output /var/lib/node_exporter/ltictl.prom
    """
    from ltictl.cli.render.exposition import exposition
    from ltictl.operations.metrics import read_metrics
    from ltictl.store.output_file import write_output

    found = read_metrics(session.context())
    text = exposition(found.metrics)
    if output is not None:
        write_output(output.absolute(), text.encode())

    def human(out: Output) -> None:
        if output is None:
            out.raw(text)
        else:
            out.note(f"Wrote {len(found.metrics)} metrics to {output}")

    data = {
        "file": str(output) if output else None,
        "metrics": [
            asdict(each) | {"samples": [asdict(sample) for sample in each.samples]}
            for each in found.metrics
        ],
    }
    return Report(data, human, found.warnings)
