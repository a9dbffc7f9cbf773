"""A typer program with one empty command, as any programmer would write it."""

import typer

app = typer.Typer()


@app.command()
def hello() -> None:
    """Do nothing."""


if __name__ == "__main__":
    app()
