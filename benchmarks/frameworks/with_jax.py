"""The workloads in JAX: jitted, on arrays of its own."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from benchmarks.workloads import CHECKED_STEPS, LEARNING_RATE, MOMENTUM, PARAMETERS, Arrays, Case

jax.config.update("jax_enable_x64", True)


def loss_of(weights, x, y):
    """Softmax cross-entropy of the network."""
    W1, b1, W2, b2 = weights
    log_p = jax.nn.log_softmax(jax.nn.relu(x @ W1 + b1) @ W2 + b2)
    return -jnp.mean(jnp.take_along_axis(log_p, y[:, None], axis=1))


def digits(data: Arrays) -> Case:
    """One jitted step; weights and velocities are donated, so that XLA may update them in place."""

    def update(weights, velocities, x, y):
        loss, slopes = jax.value_and_grad(loss_of)(weights, x, y)
        velocities = [MOMENTUM * v - LEARNING_RATE * g for v, g in zip(velocities, slopes, strict=True)]
        return loss, [w + v for w, v in zip(weights, velocities, strict=True)], velocities

    step = jax.jit(update, donate_argnums=(0, 1))
    x, y = jnp.asarray(data["x"]), jnp.asarray(data["y"])
    weights = [jnp.array(data[name]) for name in PARAMETERS]
    state = [weights, [jnp.zeros_like(w) for w in weights]]

    def call(x, y):
        loss, *state[:] = step(*state, x, y)
        return jax.block_until_ready(loss)

    def values() -> list[object]:
        losses = [call(x, y) for _ in range(CHECKED_STEPS)]
        return [losses[-1], *state[0]]

    return Case(call, (x, y), values)


def elementwise(data: Arrays) -> Case:
    """XLA fuses the eight operations."""
    args = tuple(jnp.asarray(data[name]) for name in "xyz")
    function = jax.jit(lambda x, y, z: jnp.sin(x * y) * jnp.exp(-(z * z)) + jnp.tanh(z))
    return Case(lambda x, y, z: function(x, y, z).block_until_ready(), args, lambda: [function(*args)])


def one_more(data: Arrays) -> Case:
    """x + 1."""
    x = jnp.asarray(data["x"])
    function = jax.jit(lambda x: x + 1)
    return Case(lambda x: function(x).block_until_ready(), (x,), lambda: [function(x)])


CASES = {"digits-step": digits, "elementwise-1e6": elementwise, "call": one_more}
