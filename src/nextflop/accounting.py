"""How compute and loss are counted, and how one way of counting turns into another.

Three conventions hold throughout the package:

- One FLOP is one floating-point addition or multiplication, so a multiply-add (MAC) is two. Papers and profilers that
  report MACs report half of our numbers.
- Losses are in nats per token, the natural logarithm of perplexity. Bits per byte, which do not depend on the
  tokenizer, need the tokenizer's bytes per token.
- Every parameter counts, embeddings with the rest, unless a record's `conventions` say otherwise. Kaplan et al.
  (arXiv:2001.08361) leave embeddings out and Hoffmann et al. (arXiv:2203.15556) count them: laws fitted to one count
  must not be read with the other.
"""

import math

import numpy as np

Amount = int | float | np.ndarray

FLOP_PER_MAC = 2.0
"""A multiply-add is one multiplication and one addition."""

FLOP_PER_PARAM_TOKEN = 6.0
"""Training: two a parameter and token forward, four backward (Kaplan et al., arXiv:2001.08361, section 2.1)."""


def six_nd(params: Amount, tokens: Amount) -> Amount:
    """Training FLOP of a dense transformer by the approximation C = 6ND.

    It leaves out attention over the context: 12 · layers · width · context more a token (Chowdhery et al.,
    arXiv:2204.02311, appendix B), which is context / (6 width) of the whole where N = 12 · layers · width².

    Args:
        params: N, parameters that take part in matrix products.
        tokens: D, tokens trained on, repetitions counted.

    Returns:
        FLOP, in the shape to which the arguments broadcast.
    """
    return FLOP_PER_PARAM_TOKEN * params * tokens


def tokens_from_flop(flop: Amount, params: Amount) -> Amount:
    """The tokens D = C / (6N) that a training budget buys; the inverse of `six_nd`."""
    return flop / (FLOP_PER_PARAM_TOKEN * params)


def flop_from_macs(macs: Amount) -> Amount:
    """FLOP of a number of multiply-adds."""
    return FLOP_PER_MAC * macs


def macs_from_flop(flop: Amount) -> Amount:
    """Multiply-adds that make a number of FLOP, additions and multiplications being paired."""
    return flop / FLOP_PER_MAC


def bits_per_byte(nats_per_token: Amount, bytes_per_token: Amount) -> Amount:
    """A loss in nats per token as bits per byte, comparable between tokenizers.

    Args:
        nats_per_token: cross-entropy with the natural logarithm.
        bytes_per_token: UTF-8 bytes of the evaluated text divided by its tokens.
    """
    return nats_per_token / (math.log(2) * bytes_per_token)


def nats_per_token(bits_per_byte: Amount, bytes_per_token: Amount) -> Amount:
    """A loss in bits per byte as nats per token; the inverse of `bits_per_byte`."""
    return bits_per_byte * math.log(2) * bytes_per_token
