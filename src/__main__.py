"""`python -m src` and `khata`: the command line."""

from src.cli.app import run


def main() -> None:
    run()


if __name__ == "__main__":
    main()
