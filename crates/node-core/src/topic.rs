//! Topic templates: `farm/{farm}/zone/{zone}/{kind}`.

use core::fmt::Write;

use heapless::String;

/// Longest topic that the node publishes on; the MQTT client takes no longer one for its last will.
pub const MAX_TOPIC: usize = 128;

/// What may stand between braces in a template.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fields<'a> {
    pub(crate) farm: &'a str,
    pub(crate) zone: &'a str,
    pub(crate) node: &'a str,
    pub(crate) sensor: Option<&'a str>,
    pub(crate) kind: Option<&'a str>,
}

/// Why a template cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TemplateError {
    Unclosed,
    UnknownField,
    Wildcard,
    TooLong,
}

/// Fills `template` in.
pub(crate) fn expand(template: &str, fields: Fields<'_>) -> Result<String<MAX_TOPIC>, TemplateError> {
    let mut topic = String::new();
    let mut push = |text: &str| topic.write_str(text).map_err(|_| TemplateError::TooLong);
    let mut rest = template;
    while let Some((literal, tail)) = rest.split_once('{') {
        push(literal)?;
        let (name, tail) = tail.split_once('}').ok_or(TemplateError::Unclosed)?;
        let value = match name {
            "farm" => Some(fields.farm),
            "zone" => Some(fields.zone),
            "node" => Some(fields.node),
            "sensor" => fields.sensor,
            "kind" => fields.kind,
            _ => None,
        };
        push(value.ok_or(TemplateError::UnknownField)?)?;
        rest = tail;
    }
    push(rest)?;
    if is_topic(&topic) {
        Ok(topic)
    } else {
        Err(TemplateError::Wildcard)
    }
}

/// Whether a message can be published on `topic`: MQTT forbids wildcards, NUL and the empty topic there, and topics
/// that begin with `$` are the broker's.
fn is_topic(topic: &str) -> bool {
    !topic.is_empty() && !topic.starts_with('$') && !topic.contains(['+', '#', '\0', '}'])
}

/// Whether `text` can stand for one level of a topic, and as it is between the quotes of JSON.
pub(crate) fn is_level(text: &str) -> bool {
    let reserved = |c: char| matches!(c, '+' | '#' | '/' | '{' | '}' | '"' | '\\') || c.is_control();
    !text.is_empty() && !text.contains(reserved)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: Fields<'_> = Fields {
        farm: "farm1",
        zone: "zone2",
        node: "hydro-node-01",
        sensor: Some("reservoir"),
        kind: Some("temperature"),
    };

    #[test]
    fn fills_every_field_in() {
        assert_eq!(
            expand("farm/{farm}/zone/{zone}/{kind}", FIELDS).as_deref(),
            Ok("farm/farm1/zone/zone2/temperature")
        );
        assert_eq!(
            expand("{node}/{sensor}", FIELDS).as_deref(),
            Ok("hydro-node-01/reservoir")
        );
        assert_eq!(expand("plain", FIELDS).as_deref(), Ok("plain"));
    }

    #[test]
    fn refuses_what_cannot_be_published_on() {
        assert_eq!(expand("farm/{frm}", FIELDS), Err(TemplateError::UnknownField));
        assert_eq!(expand("farm/{farm", FIELDS), Err(TemplateError::Unclosed));
        assert_eq!(expand("farm/#", FIELDS), Err(TemplateError::Wildcard));
        assert_eq!(expand("$SYS/{kind}", FIELDS), Err(TemplateError::Wildcard));
        assert_eq!(expand("farm/+/x", FIELDS), Err(TemplateError::Wildcard));
        assert_eq!(expand("", FIELDS), Err(TemplateError::Wildcard));
        let too_long = core::str::from_utf8(&[b'x'; 129]).unwrap();
        assert_eq!(expand(too_long, FIELDS), Err(TemplateError::TooLong));
        assert!(expand(&too_long[..128], FIELDS).is_ok());
    }

    #[test]
    fn a_sensor_field_without_a_sensor_is_unknown() {
        let fields = Fields {
            sensor: None,
            ..FIELDS
        };
        assert_eq!(expand("{sensor}", fields), Err(TemplateError::UnknownField));
    }
}
