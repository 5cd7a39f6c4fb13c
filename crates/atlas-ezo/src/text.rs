//! The text of an answer, and the forms in which circuits write it.

use crate::Fault;
use quantity::ParseError;

/// The text of an answer, without status, end mark and blanks at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<'a>(&'a [u8]);

impl<'a> Text<'a> {
    /// Takes the bytes of an answer.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let end = bytes
            .iter()
            .rposition(|byte| !matches!(byte, b' ' | b'\r' | b'\n'))
            .map_or(0, |last| last + 1);
        Self(bytes.get(..end).unwrap_or_default())
    }

    /// Refuses what is not printable ASCII.
    pub(crate) fn printable(self) -> Result<Self, Fault> {
        match self.0.iter().find(|byte| !matches!(byte, b' '..=b'~')) {
            Some(&byte) => Err(Fault::Character(byte)),
            None => Ok(self),
        }
    }

    /// The bytes.
    pub(crate) const fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// Whether the text is `word`, in any case.
    pub(crate) fn is(self, word: &str) -> bool {
        self.0.eq_ignore_ascii_case(word.as_bytes())
    }

    /// Refuses a text where there should be none.
    pub(crate) fn nothing(self) -> Result<(), Fault> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Fault::Malformed)
        }
    }

    /// The fields of a text without prefix.
    pub(crate) const fn fields(self) -> Fields<'a> {
        Fields { rest: Some(self.0) }
    }

    /// The fields of `?NAME,..` or `?,NAME,..`, with the name in any case.
    pub(crate) fn reply(self, name: &str) -> Result<Fields<'a>, Fault> {
        let rest = self.0.strip_prefix(b"?").ok_or(Fault::Malformed)?;
        let rest = rest.strip_prefix(b",").unwrap_or(rest);
        let (head, tail) = rest.split_at_checked(name.len()).ok_or(Fault::Malformed)?;
        if !head.eq_ignore_ascii_case(name.as_bytes()) {
            return Err(Fault::Malformed);
        }
        match tail {
            [] => Ok(Fields { rest: None }),
            [b',', rest @ ..] => Ok(Fields { rest: Some(rest) }),
            _ => Err(Fault::Malformed),
        }
    }

    /// The fields of `NAME,..` as [`reply`](Self::reply) takes them, or without a prefix at all.
    pub(crate) fn reply_or_bare(self, name: &str) -> Result<Fields<'a>, Fault> {
        if self.0.starts_with(b"?") {
            self.reply(name)
        } else {
            Ok(self.fields())
        }
    }
}

/// What is left of a comma-separated text.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> Fields<'a> {
    /// The next field, which has to be there.
    pub(crate) fn required(&mut self) -> Result<&'a [u8], Fault> {
        self.next().ok_or(Fault::Malformed)
    }

    /// The next field as `parse` reads it.
    pub(crate) fn value<T>(&mut self, parse: impl Parse<T>) -> Result<T, Fault> {
        parse.parse(self.required()?)
    }

    /// The only field left as `parse` reads it.
    pub(crate) fn only<T>(mut self, parse: impl Parse<T>) -> Result<T, Fault> {
        let value = self.value(parse)?;
        self.end()?;
        Ok(value)
    }

    /// Refuses more fields.
    pub(crate) fn end(mut self) -> Result<(), Fault> {
        match self.next() {
            None => Ok(()),
            Some(_) => Err(Fault::Malformed),
        }
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest?;
        let (field, rest) = match rest.iter().position(|&byte| byte == b',') {
            Some(comma) => (rest.get(..comma)?, rest.get(comma + 1..)),
            None => (rest, None),
        };
        self.rest = rest;
        Some(field.trim_ascii())
    }
}

/// Reads a field, whether with an error of this crate or of `quantity`.
pub(crate) trait Parse<T> {
    fn parse(self, field: &[u8]) -> Result<T, Fault>;
}

impl<T, E: Into<Fault>, F: FnOnce(&[u8]) -> Result<T, E>> Parse<T> for F {
    fn parse(self, field: &[u8]) -> Result<T, Fault> {
        self(field).map_err(Into::into)
    }
}

impl From<ParseError> for Fault {
    fn from(error: ParseError) -> Self {
        match error {
            ParseError::OutOfRange => Self::OutOfRange,
            _ => Self::Malformed,
        }
    }
}

impl From<quantity::OutOfRange> for Fault {
    fn from(_: quantity::OutOfRange) -> Self {
        Self::OutOfRange
    }
}

/// A whole number without sign.
pub(crate) fn whole<T: TryFrom<i64>>(field: &[u8]) -> Result<T, Fault> {
    if !field.iter().all(u8::is_ascii_digit) {
        return Err(Fault::Malformed);
    }
    T::try_from(quantity::parse_fixed(field, 0)?).map_err(|_| Fault::OutOfRange)
}

/// A number that may be written with decimals, in units of its last of `decimals`.
pub(crate) fn fixed<T: TryFrom<i64>>(field: &[u8], decimals: u8) -> Result<T, Fault> {
    T::try_from(quantity::parse_fixed(field, decimals)?).map_err(|_| Fault::OutOfRange)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &[u8], name: &str) -> Result<usize, Fault> {
        Text::new(text).reply(name).map(Iterator::count)
    }

    #[test]
    fn prefix_is_taken_in_any_case() {
        assert_eq!(names(b"?CAL,2", "Cal"), Ok(1));
        assert_eq!(names(b"?Cal,2", "Cal"), Ok(1));
        assert_eq!(names(b"?cal,2", "Cal"), Ok(1));
    }

    #[test]
    fn comma_after_the_question_mark_is_taken() {
        assert_eq!(names(b"?,O,EC,TDS", "O"), Ok(2));
        assert_eq!(names(b"?O,EC,TDS", "O"), Ok(2));
    }

    #[test]
    fn reply_without_fields_has_none() {
        assert_eq!(names(b"?,O", "O"), Ok(0));
        assert_eq!(names(b"?Name,", "Name"), Ok(1));
    }

    #[test]
    fn longer_name_is_another_reply() {
        assert_eq!(names(b"?Status,P,5.038", "S"), Err(Fault::Malformed));
        assert_eq!(names(b"?S", "Status"), Err(Fault::Malformed));
        assert_eq!(names(b"Cal,2", "Cal"), Err(Fault::Malformed));
        assert_eq!(names(b"?,,O,EC", "O"), Err(Fault::Malformed));
    }

    #[test]
    fn fields_are_trimmed() {
        let mut fields = Text::new(b"?i, D.O., 1.98").reply("i").unwrap();
        assert_eq!(fields.required(), Ok(&b"D.O."[..]));
        assert_eq!(fields.required(), Ok(&b"1.98"[..]));
        assert_eq!(fields.required(), Err(Fault::Malformed));
    }

    #[test]
    fn trailing_blanks_and_line_ends_are_stripped() {
        assert_eq!(Text::new(b"7.004 \r\n").bytes(), b"7.004");
        assert_eq!(Text::new(b" \r").bytes(), b"");
    }

    #[test]
    fn unprintable_bytes_are_named() {
        assert_eq!(Text::new(b"7.0\xB04").printable(), Err(Fault::Character(0xB0)));
        assert_eq!(Text::new(b"7\x1f4").printable(), Err(Fault::Character(0x1F)));
        assert_eq!(Text::new(b"7\x7f").printable(), Err(Fault::Character(0x7F)));
        assert!(Text::new(b" ~").printable().is_ok());
    }

    #[test]
    fn whole_numbers_have_no_sign_and_no_decimals() {
        assert_eq!(whole::<u8>(b"255"), Ok(255));
        assert_eq!(whole::<u8>(b"256"), Err(Fault::OutOfRange));
        for text in [&b""[..], b"-1", b"+1", b"1.0", b"x"] {
            assert_eq!(whole::<u8>(text), Err(Fault::Malformed));
        }
    }
}
