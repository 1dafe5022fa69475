"""`python -m appliance.cli`: the same as `gotgan`."""

from appliance.cli import main

if __name__ == "__main__":
    main()
