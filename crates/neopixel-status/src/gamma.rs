//! Gamma: what a byte must be for the eye to see equal steps.

/// A table from what is wanted to what is sent.
pub type Gamma = [u8; 256];

/// `255 * (i / 255)^2.8`, rounded to the nearest: WS2812 and SK6812 dim linearly, the eye does not see linearly.
///
/// Everything below 28 is dark.
pub static GAMMA_2_8: Gamma = table();

/// Computes the table in integers: `v` is the largest byte with `(v - 1/2)^5 * 255^9 <= i^14`, as 2.8 is 14/5.
const fn table() -> Gamma {
    let mut table = [0; 256];
    let mut rest: &mut [u8] = &mut table;
    let (mut i, mut v) = (0_u128, 0_u8);
    while let [first, others @ ..] = rest {
        while v < u8::MAX && (2 * v as u128 + 1).pow(5) * 255_u128.pow(9) <= 32 * i.pow(14) {
            v += 1;
        }
        *first = v;
        i += 1;
        rest = others;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From a table of 255 * (i / 255) ** 2.8 in floats.
    #[test]
    fn table_is_the_power_of_2_8() {
        for (i, v) in [
            (0, 0),
            (27, 0),
            (28, 1),
            (64, 5),
            (100, 19),
            (128, 37),
            (192, 115),
            (200, 129),
            (254, 252),
            (255, 255),
        ] {
            assert_eq!(GAMMA_2_8[i], v, "{i}");
        }
        assert!(GAMMA_2_8.is_sorted());
    }
}
