//! Volume and flow.

quantity! {
    /// Volume in millionths of a litre.
    ///
    /// Text is in mL. Negative when a pump has run backwards; 64 bits, because a 30 L/min meter passes
    /// 2147 L, the end of 32 bits, in 72 minutes. The default is nothing.
    ///
    /// ```
    /// use quantity::Microlitres;
    ///
    /// let dosed = Microlitres::default().saturating_add("40.50".parse()?);
    /// assert_eq!(dosed.to_string(), "40.5 mL");
    /// # Ok::<(), quantity::ParseError>(())
    /// ```
    #[derive(Default)]
    Microlitres(i64): 3 decimals of "mL"
}

quantity! {
    /// Flow in millionths of a litre per minute.
    ///
    /// Text is in mL/min: `0.1` of a slow peristaltic pump as well as `30000` of a water meter, up to
    /// 2147 L/min. Negative when a pump runs backwards. The default is standstill.
    #[derive(Default)]
    MicrolitresPerMinute(i32): 3 decimals of "mL/min"
}

#[cfg(test)]
mod tests {
    use std::string::ToString as _;

    use super::*;

    /// `?D,-40.50,0` of an EZO-PMP that ran backwards.
    #[test]
    fn reversed_dose_is_negative() {
        assert_eq!("-40.50".parse(), Ok(Microlitres::new(-40_500)));
        assert_eq!(Microlitres::new(-40_500).to_string(), "-40.5 mL");
    }

    #[test]
    fn total_of_a_season_fits() {
        // 30 L/min for 120 days
        let total: Microlitres = "5184000000".parse().unwrap();
        assert_eq!(total.get(), 5_184_000_000_000);
    }

    /// `?MAXRATE,58.5` of an EZO-PMP, and the most that a YF-S201 is made for.
    #[test]
    fn slow_pump_and_fast_meter_share_a_type() {
        assert_eq!("58.5".parse(), Ok(MicrolitresPerMinute::new(58_500)));
        assert_eq!("30000".parse(), Ok(MicrolitresPerMinute::new(30_000_000)));
        assert_eq!(MicrolitresPerMinute::new(100).to_string(), "0.1 mL/min");
    }

    #[test]
    fn sums_neither_wrap_nor_panic() {
        let one = Microlitres::new(1);
        assert_eq!(Microlitres::new(2).checked_add(one), Some(Microlitres::new(3)));
        assert_eq!(Microlitres::MAX.checked_add(one), None);
        assert_eq!(Microlitres::MAX.saturating_add(one), Microlitres::MAX);
        assert_eq!(Microlitres::new(2).checked_sub(one), Some(one));
        assert_eq!(Microlitres::MIN.checked_sub(one), None);
        assert_eq!(Microlitres::MIN.saturating_sub(one), Microlitres::MIN);
    }
}
