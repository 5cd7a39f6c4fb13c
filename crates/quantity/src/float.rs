//! The edge at which an application wants floats.

use num_traits::ToPrimitive as _;
use num_traits::float::FloatCore;

use crate::OutOfRange;

/// Divides in `f64`, in which every 32-bit raw value is exact: dividing in `f32` would round twice
/// from 2²⁴ on.
pub(crate) fn from_fixed<F: FloatCore>(raw: i64, decimals: u8) -> F {
    let quotient = raw.to_f64().map(|raw| raw / power_of_ten(decimals));
    // Never `None` for f32 and f64; another float type may be too small for the value.
    quotient.and_then(F::from).unwrap_or_else(F::nan)
}

/// Rounds to the nearest count of the last decimal, halves away from zero.
pub(crate) fn to_fixed<F: FloatCore>(value: F, decimals: u8) -> Result<i64, OutOfRange> {
    let scaled = value.to_f64().map(|value| value * power_of_ten(decimals));
    // `to_i64` refuses what does not fit, infinities and NaN.
    scaled
        .and_then(|scaled| FloatCore::round(scaled).to_i64())
        .ok_or(OutOfRange)
}

/// Exact up to 10²².
fn power_of_ten(exponent: u8) -> f64 {
    (0..exponent).fold(1.0, |power, _| power * 10.0)
}
