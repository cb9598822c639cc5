"""The command `simulate`, which serves the simulated platform until it is stopped."""

from typing import TYPE_CHECKING

import click

from ibconsole.cli import out
from ibconsole.cli.running import run, wait_for_signal

if TYPE_CHECKING:
    from ibconsole.simulator import SimulatorSettings


def _report_lost_address(error: OSError) -> None:
    out.write_notice(
        f"The address and the key could not be written: {error.strerror}. The simulated platform"
        " still answers; give it a --port, and a stdout that can be written."
    )


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to serve on.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 selects a free one.")
@click.option("--seed", type=int, default=1, show_default=True, help="A seed determines all data.")
@click.option("--applications", type=click.IntRange(min=0), default=6, show_default=True)
@click.option(
    "--messages", type=click.IntRange(min=0), default=0, help="Messages that wait for a pull."
)
@click.option("--rate", type=click.FloatRange(min=0), default=0.0, help="New messages per second.")
@click.option("--no-rate-limit", is_flag=True, help="Do not answer 429 to too many requests.")
@click.option(
    "--retry-law",
    default="published",
    show_default=True,
    metavar="LAW",
    help="When forwards are repeated: “10s, 1m, 5m”, “1m + 1m * n^2, 20 retries”, or none.",
)
@click.option(
    "--clock-speed",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    help="The speed at which the time of the law passes.",
)
@click.option("--forward-anywhere", is_flag=True, help="Forward to other computers, too.")
def simulate(
    host: str,
    port: int,
    seed: int,
    applications: int,
    messages: int,
    rate: float,
    no_rate_limit: bool,
    retry_law: str,
    clock_speed: float,
    forward_anywhere: bool,
) -> None:
    """Run the simulated platform, until stopped. The output is always JSON."""
    from ibconsole.services.retry_law import read_law
    from ibconsole.simulator import SimulatorSettings

    settings = SimulatorSettings(
        seed=seed,
        applications=applications,
        messages=messages,
        rate=rate,
        rate_limited=not no_rate_limit,
        retry_delays=read_law(retry_law).all_delays,
        clock_speed=clock_speed,
        forward_anywhere=forward_anywhere,
    )
    run(_simulate(settings, host, port))


async def _simulate(settings: "SimulatorSettings", host: str, port: int) -> None:
    from ibconsole.http1 import ListenError
    from ibconsole.services.intake import ListenerFailed
    from ibconsole.simulator import simulate as run_simulator

    try:
        with out.watch_reader(_report_lost_address):
            async with run_simulator(settings, host, port) as running:
                out.write_own_json({"base_url": running.base_url, "api_key": running.api_key})
                out.write_notice("The simulated platform is running. Press Ctrl+C to stop.")
                await wait_for_signal()
    except ListenError as error:
        raise ListenerFailed(f"The simulated platform could not start: {error}") from error
