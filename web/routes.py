"""One row for each address of the pages: which view answers, by which methods, and whether a guest may see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType

from flask import Flask
from flask.typing import ResponseReturnValue

View = Callable[..., ResponseReturnValue]


@dataclass(frozen=True, slots=True)
class Route:
    """An address, and the view that answers; its name is that of the module and the function: `today.show`."""

    rule: str
    view: View
    methods: tuple[str, ...] = ("GET",)
    public: bool = False
    most_bytes: int | None = None  # of a form that brings a file; None: what every form may have


@dataclass(frozen=True, slots=True)
class Connected:
    """What is to be known of the routes: the endpoints that a guest may see, and those with larger forms."""

    public: frozenset[str]
    most_bytes: Mapping[str, int]


def connect(app: Flask, modules: Iterable[ModuleType]) -> Connected:
    """Connect the routes of all modules with the application."""
    public, most_bytes = set(), {}
    for module in modules:
        for route in module.ROUTES:
            endpoint = f"{module.__name__.rpartition('.')[2]}.{route.view.__name__}"
            app.add_url_rule(route.rule, endpoint, route.view, methods=list(route.methods))
            if route.public:
                public.add(endpoint)
            if route.most_bytes is not None:
                most_bytes[endpoint] = route.most_bytes
    return Connected(frozenset(public), most_bytes)
