"""Reads the histograms of a report, independently of the program: the compressed form V2 of HdrHistogram."""

import base64
import struct
import zlib

SUB_BUCKETS = 2048  # three significant digits
HALF = SUB_BUCKETS // 2


def counts(text):
    """The counts by index."""
    compressed = base64.b64decode(text)
    cookie, length = struct.unpack(">II", compressed[:8])
    assert cookie & 0xFF == 0x14 and len(compressed) == 8 + length, "a compressed histogram"
    data = zlib.decompress(compressed[8:])
    cookie, length, offset, digits = struct.unpack(">IIII", data[:16])
    assert cookie & 0xFF == 0x13 and offset == 0 and digits == 3, "a histogram with three digits"
    found, at = {}, 40
    index = 0
    while at < 40 + length:
        number, at = zig_zag(data, at)
        if number < 0:
            index -= number
        else:
            if number:
                found[index] = number
            index += 1
    return found


def zig_zag(data, at):
    number, shift = 0, 0
    for position in range(at, at + 9):
        byte = data[position]
        # The ninth byte has eight bits.
        if shift == 56:
            number |= byte << shift
        else:
            number |= (byte & 0x7F) << shift
        shift += 7
        if shift > 56 or byte < 0x80:
            return number >> 1 ^ -(number & 1), position + 1
    raise AssertionError("a number has at most nine bytes")


def highest(index):
    """The highest value with this index."""
    bucket = max(index // HALF - 1, 0)
    sub_bucket = index - bucket * HALF
    return (sub_bucket + 1 << bucket) - 1


def of_values(values):
    """The counts of these whole numbers, by index."""
    found = {}
    for value in values:
        bucket = max(value.bit_length() - HALF.bit_length(), 0)
        index = bucket * HALF + (value >> bucket)
        found[index] = found.get(index, 0) + 1
    return found


def added(histograms):
    total = {}
    for histogram in histograms:
        for index, count in histogram.items():
            total[index] = total.get(index, 0) + count
    return total


def quantile(histogram, share):
    """The highest value of the smallest index with at least this share of the cases up to it."""
    cases = sum(histogram.values())
    wanted = max(-(-cases * share // 1), 1)
    seen = 0
    for index in sorted(histogram):
        seen += histogram[index]
        if seen >= wanted:
            return highest(index)
    raise AssertionError("a histogram without cases has no quantiles")
