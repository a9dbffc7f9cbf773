"""The same program with every costly feature of typer switched off."""

import typer

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def hello() -> None:
    """Do nothing."""


if __name__ == "__main__":
    app()
