"""Macros of a template written out where they are called, so that what is fixed about a call is text before it runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from jinja2 import Environment, nodes
from jinja2.visitor import NodeTransformer

Macros = Mapping[str, nodes.Macro]


def macros_of(source: nodes.Template) -> Macros:
    """The macros of a template by their names."""
    return {macro.name: macro for macro in source.find_all(nodes.Macro)}


def with_macros_inlined(environment: Environment, source: nodes.Template, macros: Macros, module: str) -> nodes.Node:
    """A template in which the body of a macro stands in place of each call to it.

    A macro is called as `module.name(…)`, or among macros as `name(…)`, in an output or a call block; the import of
    the module goes. What a body names itself cannot be seen from the block that is put into it, nor the other way
    round. Raises TypeError for a call that does not fit its macro.
    """
    inlined: nodes.Node = _Inlined(environment, macros, module).visit(source)
    if left := next((name for name in inlined.find_all(nodes.Name) if name.name == module), None):
        raise TypeError(f"line {left.lineno}: {module} stands where its macros cannot be inlined")
    return inlined


class _Inlined(NodeTransformer):
    def __init__(self, environment: Environment, macros: Macros, module: str) -> None:
        self._environment = environment
        self._known = nodes.EvalContext(environment)
        self._macros = macros
        self._module = module

    def generic_visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> nodes.Node:
        visited = super().generic_visit(node, *args, **kwargs)
        for name, value in visited.iter_fields():
            if isinstance(value, list):
                setattr(visited, name, _joined(value))
        return visited

    def visit_Import(self, node: nodes.Import) -> nodes.Node | None:  # noqa: N802
        return None if node.target == self._module else node

    def visit_If(self, node: nodes.If) -> nodes.Node | list[nodes.Node]:  # noqa: N802
        """Of a choice that is made already, what was chosen."""
        self.generic_visit(node)
        assert isinstance(node.test, nodes.Expr)
        test = self._settled(node.test)
        if node.elif_ or not isinstance(test, nodes.Const):
            return node
        return node.body if test.value else node.else_

    def visit_Output(self, node: nodes.Output) -> list[nodes.Node]:  # noqa: N802
        return [part for shown in node.nodes for part in self._shown(shown)]

    def visit_CallBlock(self, node: nodes.CallBlock) -> nodes.Node | list[nodes.Node]:  # noqa: N802
        self.generic_visit(node)
        macro = self._called(node.call)
        return node if macro is None else self._body(macro, node.call, node.body)

    def _shown(self, shown: nodes.Expr) -> list[nodes.Node]:
        match shown:
            case nodes.Call() if macro := self._called(shown):
                return self._body(macro, shown, [])
            case nodes.CondExpr(test=test, expr1=nodes.Call() as call, expr2=None) if self._called(call):
                chosen = self.visit(nodes.If(test, self._shown(call), [], []))
                return chosen if isinstance(chosen, list) else [chosen]
        return [nodes.Output([shown])]

    def _called(self, call: nodes.Call) -> nodes.Macro | None:
        match call.node:
            case nodes.Getattr(node=nodes.Name(name=module), attr=name) if module == self._module:
                return self._macros[name]
            case nodes.Name(name=name):
                return self._macros.get(name)
        return None

    def _body(self, macro: nodes.Macro, call: nodes.Call, block: list[nodes.Node]) -> list[nodes.Node]:
        """The body of a macro with the arguments of one call to it, and the block in place of its caller."""
        given = {name: self._settled(value) for name, value in _arguments(macro, call).items()}
        body: list[nodes.Node] = deepcopy(macro.body, {id(self._environment): self._environment})
        stored = _stored(body)
        fixed = {name: value for name, value in given.items() if isinstance(value, nodes.Const) and name not in stored}
        own = {name: f"{macro.name}_{name}" for name in stored | set(given)}
        body = _visited(_Filled(fixed, own, block), body)
        body = _joined(_visited(self, body))
        passed = {own[name]: value for name, value in given.items() if name not in fixed}
        if not (passed or stored):
            return body
        return [nodes.With([nodes.Name(name, "param") for name in passed], list(passed.values()), body)]

    def _settled(self, value: nodes.Expr) -> nodes.Expr:
        try:
            return nodes.Const(value.as_const(self._known))
        except nodes.Impossible:
            return value


class _Filled(NodeTransformer):
    """What is fixed stands in place of its name, what is not has a name of its own, and the block is in its place."""

    def __init__(self, fixed: Mapping[str, nodes.Expr], own: Mapping[str, str], block: list[nodes.Node]) -> None:
        self._fixed = fixed
        self._own = own
        self._block = block

    def visit_Name(self, node: nodes.Name) -> nodes.Expr:  # noqa: N802
        if node.name in self._fixed:
            return self._fixed[node.name]
        node.name = self._own.get(node.name, node.name)
        return node

    def visit_Output(self, node: nodes.Output) -> list[nodes.Node]:  # noqa: N802
        parts: list[nodes.Node] = []
        for shown in node.nodes:
            match shown:
                case nodes.Call(node=nodes.Name(name="caller")):
                    parts += self._block
                case _:
                    parts.append(nodes.Output([self.visit(shown)]))
        return parts


def _arguments(macro: nodes.Macro, call: nodes.Call) -> dict[str, nodes.Expr]:
    names = [arg.name for arg in macro.args]
    defaults = dict(zip(names[len(names) - len(macro.defaults) :], macro.defaults, strict=True))
    named = {given.key: given.value for given in call.kwargs}
    given = defaults | dict(zip(names, call.args, strict=False)) | named
    if len(call.args) > len(names) or call.dyn_args or call.dyn_kwargs or set(given) != set(names):
        raise TypeError(f"line {call.lineno}: {macro.name} takes {', '.join(names)}")
    return given


def _stored(body: list[nodes.Node]) -> set[str]:
    """The names that a body gives to something itself."""
    return {name.name for node in body for name in node.find_all(nodes.Name) if name.ctx != "load"}


def _visited(visitor: NodeTransformer, body: list[nodes.Node]) -> list[nodes.Node]:
    return [part for node in body for part in visitor.visit_list(node)]


def _joined(parts: Iterable[Any]) -> list[Any]:
    """Outputs that follow each other as one, so that text beside text is one text."""
    joined: list[Any] = []
    for part in parts:
        if isinstance(part, nodes.Output) and joined and isinstance(joined[-1], nodes.Output):
            joined[-1] = nodes.Output([*joined[-1].nodes, *part.nodes])
        else:
            joined.append(part)
    return joined
