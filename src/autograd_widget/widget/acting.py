"""A widget that acts on scalars: what a person does in a cell or on the page, checked and then stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from weakref import WeakSet

import traitlets

from autograd_widget.adapters.expression import graph_of, names_in
from autograd_widget.adapters.source import ForeignSource
from autograd_widget.engine.locking import exclusive
from autograd_widget.graph.json_text import cut, shown
from autograd_widget.graph.number import decode_number, encode_moved
from autograd_widget.graph.records import Record, read_all, written

from .following import Following
from .session import Act, apply
from .traits import FROM_THE_PAGE, RECORDED, Values

CLOSED = "this widget was closed, and does nothing to its scalars any more: make another with GraphWidget(…)"


MOST_LOGGED = 300
"""The largest length of a sentence in the log; a page may send texts of any length, which errors cite."""


class Acting(Following):
    """A widget whose traits may be written, by cells and by a page."""

    _restores = False
    _is_stored = False
    _is_answering = False
    _last_error = ""

    # -- acts, which every widget on the scalars shows -------------------------------------------------------

    def _do(self, act: Act) -> None:
        """Apply an act to the scalars, and show the result."""
        if self._is_closed:
            raise RuntimeError(CLOSED)
        with exclusive:
            self._refuse_locked(act)
            if self._is_dirty:
                self._own.read()
            was_held = self._is_held()
            try:
                self._apply_act(act)
            except KeyboardInterrupt:
                if not was_held:
                    self._let_go()
                raise

    def _apply_act(self, act: Act) -> None:
        sharing = self._sharing()

        def write_through() -> None:
            for widget in (self, *sharing):
                widget._write_through()
            self._is_stored = True

        try:
            apply(act, self._own, [widget._own for widget in sharing], write_through)
        finally:  # also of what has failed, as a custom op's may: then nothing has changed
            self._take_over()

    def _sharing(self) -> list[Acting]:
        """The other widgets that share leaves with this one, directly or through others."""
        found = [self]
        others = [widget for widget in open_widgets if widget is not self]
        for widget in found:  # grows while it is read
            near = [one for one in others if not one._own.position.keys().isdisjoint(widget._leaves)]
            found += near
            others = [one for one in others if one not in near]
        return found[1:]

    def _refuse_locked(self, act: Act) -> None:
        """Refuse to move a leaf upstream of a linearised op, whose numbers hold at the recorded values only.

        Raises:
            ValueError: There is one.
        """
        if not act.values or not isinstance(self._source, ForeignSource):
            return
        for leaf in self._source.mirror.locked.intersection(act.values):
            name = self._name(self._position[leaf])
            raise ValueError(
                f"{name} can't be moved: what was computed from it is known at the values of now only; make "
                "the graph again inside `with record(…):`, with the class in the parentheses"
            )

    def _write_through(self) -> None:
        """Write the state of the scalars into the person's own objects."""
        if self._source is not None:
            self._source.push()
        # The check was made at other values. The page drops it by itself: sending the graph would end a drag.
        self._check = None
        self.graph.pop("check", None)

    def _put_back(self, records: Sequence[Record]) -> None:
        """Restore the passes of a document, in the widget's own scalars."""
        if records:
            self._do(Act(records=records))

    def _apply(self, _: object = None) -> None:
        """Apply the traits that were written."""
        self._act_on({name: self._trait_values[name] for name in RECORDED})

    def _act_on(self, now: Mapping[str, Any]) -> None:
        """Apply the differences of the traits of `RECORDED` from their displayed values."""
        before = self._shown
        if now == before:
            return
        nodes = self._nodes
        values = {nodes[int(key)]: float(x) for key, x in now["values"].items() if x != before["values"][key]}
        turned = set(now["frozen"]).symmetric_difference(before["frozen"])
        frozen = {nodes[i]: i in now["frozen"] for i in turned}
        records = None
        if now["passes"] != before["passes"]:
            known = len(before["passes"])
            are_more = now["passes"][:known] == before["passes"]
            self._own.read()  # what cells have added since it was shown stays
            kept = self._own.records if are_more else []
            records = [*kept, *read_all(now["passes"][known if are_more else 0 :], self._own.graph)]
        restores, self._restores = self._restores, False
        self._do(Act(values, frozen, records, restores))

    def _is_held(self) -> bool:
        """True if somebody holds the traits' notifications back."""
        return self._cross_validation_lock or self._holding_sync

    def _let_go(self) -> None:
        """Release the traits' notifications, which an interrupt within the libraries leaves held back."""
        self.__dict__.pop("notify_change", None)
        self._cross_validation_lock = self._holding_sync = False
        self._property_lock: dict[str, Any] = {}

    # -- messages of a page ----------------------------------------------------------------------------------

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:  # noqa: ARG002
        """The state, with the bundle: it is its trait's default, which `ipywidgets.embed` would drop."""
        # A copy: reading a trait may bring it up to date, and so add to the set of those that are to be sent.
        keys = key if key is None or isinstance(key, str) else list(key)
        state: dict[str, Any] = super().get_state(keys)
        return state

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take traits that a page sent, if a page may write them.

        Raises:
            TraitError: Something is invalid; then nothing of it is done. In answer to a message it is logged.
        """
        try:
            self._take_whole(sync_data)
        except traitlets.TraitError as error:
            if not self._is_answering:
                raise
            self.log.warning("a message of the page was refused: %s", cut(str(error), MOST_LOGGED))

    def _take_whole(self, sync_data: dict[str, Any]) -> None:
        if not isinstance(sync_data, dict):
            raise traitlets.TraitError(f"a state is {shown(sync_data)}, which is not an object")
        sent = {key: sync_data[key] for key in sync_data.keys() & FROM_THE_PAGE}
        with exclusive:
            text = sent.pop("expression", self.expression)
            if self.expression and text != self.expression:
                # What comes with it was of the graph that goes.
                sent = {**{key: sent[key] for key in sent.keys() - RECORDED}, "expression": text}
            if self._is_old(sent.get("_act")):
                kept = {*RECORDED, "_act"} & sent.keys()
                sent |= {
                    key: self._trait_values[key] for key in kept
                }  # whom it is echoed to learns the state
            if self._is_broken_off:
                self._take_over()
            before = {name: self._trait_values[name] for name in sent.keys() - RECORDED}
            self._is_stored = False
            try:
                self._take(sent)
            except BaseException as error:
                self._note_error(error)
                self._break_off()
                if not self._is_stored:
                    self._trait_values.update(before)
                if isinstance(error, Exception):
                    self._look()
                else:
                    self._let_go()
                raise
            self._look()

    def _is_old(self, act: Any) -> bool:
        """Test whether an act was taken, or a later one: it comes at once, and again with the traits."""
        last = self._trait_values["_act"]
        is_act = isinstance(act, list) and len(act) == 2 and all(isinstance(x, int | float) for x in act)
        return bool(is_act and last and act[0] == last[0] and act[1] <= last[1])

    def _note_error(self, error: BaseException) -> None:
        """Note an error for a report of a fault."""
        self._last_error = cut(f"{type(error).__name__}: {error}", MOST_LOGGED)

    def _take(self, sent: dict[str, Any]) -> None:
        """Apply the traits that a page sent, once all are read."""
        self._requests: dict[str, Any] = {}
        self._is_taking = True  # a page's message refers to the state that it was sent, not to a later one
        super().set_state(sent)
        with self._lock_property(**sent):  # what it sent itself is not sent back
            wanted = {
                name: getattr(type(self), name)._validate(self, x) for name, x in self._requests.items()
            }
            self._act_on({**self._shown, **wanted})
        self._is_taking = False

    def _handle_msg(self, msg: dict[str, Any]) -> None:
        """Take a message of a page; one that is refused is logged in a sentence."""
        with exclusive:
            self._is_answering = True
            try:
                super()._handle_msg(msg)
            finally:
                self._is_answering = False

    def _write(self, _: object) -> None:
        """Show the graph of another expression; names that stay keep their values and their ranges."""
        if not self.expression:
            return
        with exclusive:
            named = {self._graph.labels[i]: i for i in self._graph.leaves if i in self._graph.labels}
            kept = {name: named[name] for name in names_in(self.expression) if name in named}
            values = {name: self._graph.values[i] for name, i in kept.items()}
            ranges = {name: self._ranges[i] for name, i in kept.items() if i in self._ranges}
            self._previewed = None
            with self.hold_sync():  # one message to the page
                self._replace(None, (graph_of(self.expression, values, self.language),))
                self._ranges = {self._id(name): given for name, given in ranges.items()}
                self.graph = self._graph_document()

    # -- what traits may be ----------------------------------------------------------------------------------

    @traitlets.validate("values")
    def _check_values(self, proposal: Any) -> dict[str, float | str]:
        values: dict[str, float | str] = dict(self._shown["values"])
        for key, encoded in proposal["value"].items():
            number = decode_number(encoded)
            if key not in values:
                raise traitlets.TraitError(f"`values` names {shown(key)}, which is no leaf of this graph")
            if number is None:
                raise traitlets.TraitError(
                    f'the value of leaf {key} is a number, "nan", "inf" or "-inf", not {shown(encoded)}'
                )
            values[key] = encode_moved(number)
        return Values(values)

    @traitlets.validate("frozen")
    def _check_frozen(self, proposal: Any) -> list[int]:
        for i in proposal["value"]:
            if type(i) is not int or i not in self._own.graph._leaves:
                raise traitlets.TraitError(f"`frozen` names {shown(i)}, which is no leaf of this graph")
        return sorted(set(proposal["value"]))

    @traitlets.validate("passes")
    def _check_passes(self, proposal: Any) -> list[dict[str, Any]]:
        try:
            return [written(record) for record in read_all(proposal["value"], self._own.graph)]
        except ValueError as error:
            raise traitlets.TraitError(f"`passes` is off: {error}") from None

    @traitlets.validate("expression")
    def _check_expression(self, proposal: Any) -> str:
        text: str = proposal["value"]
        try:
            if text:
                graph_of(text, {}, self.language)
        except ValueError as error:
            raise traitlets.TraitError(f"`expression` is off: {error}") from None
        return text

    @traitlets.validate("stale")
    def _check_stale(self, proposal: Any) -> dict[str, Any]:
        shown = self._shown.get("stale", {})
        if proposal["value"] not in ({}, shown):
            raise traitlets.TraitError("`stale` says what there is, and can only be emptied")
        return dict(proposal["value"])

    @traitlets.validate("opened")
    def _check_opened(self, proposal: Any) -> list[int] | None:
        # The page numbers its groups, so any number is taken; an unknown one opens nothing.
        groups = proposal["value"]
        if groups is not None and any(isinstance(i, bool) or i < 0 for i in groups):
            raise traitlets.TraitError(f"`opened` is {shown(groups)}, and groups have numbers from 0 on")
        return None if groups is None else sorted(set(groups))

    @traitlets.validate("selected")
    def _check_selected(self, proposal: Any) -> int | None:
        node = proposal["value"]
        if node is not None and not self._is_node(node):
            raise traitlets.TraitError(f"`selected` is {shown(node)}, which is no node of this graph")
        return node  # type: ignore[no-any-return]

    def _is_node(self, i: int) -> bool:
        return i is not True and i is not False and 0 <= i < len(self._own.graph)


open_widgets: Final[WeakSet[Acting]] = WeakSet()
