"""A browser's tab, spoken for by hand: the websocket of a screen, what came over it, and what a widget says."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.web.server import BASE, Browser

PATIENCE_SECONDS = 20
BUTTONS = {"button", "download_button", "form_submit_button"}


@dataclass
class Tab:
    """One open tab."""

    connection: ClientConnection
    said: str = ""
    widgets: dict[str, str] = field(default_factory=dict)  # id: what kind of element it is
    is_sent_away: bool = False
    session_id: str = ""
    posts: list[tuple[str, str]] = field(default_factory=list)  # what the page posts by itself: the path, the body

    def open(self, page: str, query: str = "", zone: str = "") -> Tab:
        """Go to a screen, from a browser in that zone if one is said, and wait until it stands."""
        self.widgets = {}
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.query_string = query
        if zone:
            message.rerun_script.context_info.timezone = zone
        return self._say(message)

    def use(self, *states: WidgetState, page: str = "", query: str = "") -> Tab:
        """Say what some widgets are in now, and wait for the answer."""
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.query_string = query
        message.rerun_script.widget_states.CopyFrom(WidgetStates(widgets=states))
        return self._say(message)

    def id_of(self, key: str) -> str:
        """The id of the widget with that key."""
        [found] = [one for one in self.widgets if one.endswith(f"-{key}")]
        return found

    def hear_out(self) -> str:
        """What is said until the server hangs up."""
        heard = len(self.said)
        try:
            while True:
                self._take(self.connection.recv(PATIENCE_SECONDS))
        except ConnectionClosed:
            return self.said[heard:]

    def _say(self, message: BackMsg) -> Tab:
        try:
            self.connection.send(message.SerializeToString())
            while not self._take(self.connection.recv(PATIENCE_SECONDS)):
                pass
        except ConnectionClosed:
            self.is_sent_away = True
        return self

    def _take(self, octets: str | bytes) -> bool:
        """Take in one message; whether the script has run to its end."""
        message = ForwardMsg()
        message.ParseFromString(octets.encode() if isinstance(octets, str) else octets)
        self.said += str(message)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.session_id = message.new_session.initialize.session_id or self.session_id
        if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._find(message.delta.new_element)
        return kind == "script_finished"

    def _find(self, element: Any) -> None:
        kind = element.WhichOneof("type")
        if kind == "bidi_component" and element.bidi_component.component_name == "xp_send":
            sent = json.loads(element.bidi_component.json)
            self.posts.append((sent["path"], sent["body"]))
        widget_id = getattr(getattr(element, kind), "id", "") if kind else ""
        if str(widget_id).startswith("$$"):
            self.widgets[widget_id] = kind


@contextmanager
def tab(browser: Browser, headers: Mapping[str, str] | None = None, resume: str = "") -> Iterator[Tab]:
    """A tab of that browser, with its cookies; `resume` names the session that it would like to go on with."""
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    parts = ["streamlit", browser.cookies.get("_streamlit_xsrf", "xsrf"), *([resume] if resume else [])]
    protocols = [Subprotocol(part) for part in parts]
    with connect(
        "ws://testserver/_stcore/stream",
        sock=socket.create_connection(("127.0.0.1", browser.port)),
        origin=Origin(BASE),
        additional_headers={"Cookie": cookies, **(headers or {})},
        subprotocols=protocols,
        max_size=None,
    ) as connection:
        yield Tab(connection)


def pressed(widget_id: str) -> WidgetState:
    """A button that is pressed."""
    return WidgetState(id=widget_id, trigger_value=True)


def filled(widget_id: str, text: str) -> WidgetState:
    """A field with that text in it."""
    return WidgetState(id=widget_id, string_value=text)


def said_by(widget_id: str, value: object) -> WidgetState:
    """A component of ours with that state."""
    return WidgetState(id=widget_id, json_value=json.dumps(value))
