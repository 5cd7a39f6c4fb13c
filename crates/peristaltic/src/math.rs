//! Multiplication before division, in integers, without overflow.

/// `a × b / c`, rounded down, or `u64::MAX` if that does not fit. `c` is not zero.
pub(crate) fn scale(a: u64, b: u32, c: u32) -> u64 {
    let (b, c) = (u64::from(b), u64::from(c.max(1)));
    // The remainder and `b` are below 2^32 each, so that only the quotient can be too large.
    ((a / c).saturating_mul(b)).saturating_add((a % c) * b / c)
}

/// `a × b / c`, rounded up, or `u64::MAX` if that does not fit. `c` is not zero.
pub(crate) fn scale_up(a: u64, b: u32, c: u32) -> u64 {
    let (b, c) = (u64::from(b), u64::from(c.max(1)));
    ((a / c).saturating_mul(b)).saturating_add(((a % c) * b).div_ceil(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotient_is_rounded_down_or_up() {
        assert_eq!((scale(7, 3, 2), scale_up(7, 3, 2)), (10, 11));
        assert_eq!((scale(8, 3, 2), scale_up(8, 3, 2)), (12, 12));
    }

    #[test]
    fn largest_arguments_neither_wrap_nor_panic() {
        assert_eq!(scale(u64::MAX, u32::MAX, u32::MAX), u64::MAX);
        assert_eq!(scale(u64::MAX, u32::MAX, 1), u64::MAX);
        assert_eq!(scale_up(u64::MAX, 2, 1), u64::MAX);
        assert_eq!(scale_up(u64::MAX, 1, u32::MAX), 4_294_967_297);
    }

    #[test]
    fn divisor_of_nothing_counts_as_one() {
        assert_eq!((scale(5, 2, 0), scale_up(5, 2, 0)), (10, 10));
    }
}
