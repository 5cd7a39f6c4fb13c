//! The file's shape, before anything is checked.
//!
//! Not `#[derive(Deserialize)]`: the JSON library drops the text of an error, and with it the name of the field that
//! is missing or unknown. Here every field may be missing, and the first unknown one is kept for the check to name.

use core::fmt;

use heapless::{String, Vec};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};

use super::{MAX_SENSORS, MAX_TOPIC, Text};

/// An object of the file: each field as it was written, and the name of one that there is not.
macro_rules! section {
    ($section:ident { $($field:ident: $type:ty,)* }) => {
        #[derive(Default)]
        pub(super) struct $section {
            $(pub(super) $field: Option<$type>,)*
            pub(super) unknown: Option<Text>,
        }

        impl<'de> Deserialize<'de> for $section {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Members;

                impl<'de> Visitor<'de> for Members {
                    type Value = $section;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("an object")
                    }

                    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<$section, A::Error> {
                        let mut section = $section::default();
                        while let Some(name) = map.next_key::<&str>()? {
                            match name {
                                $(stringify!($field) => section.$field = map.next_value()?,)*
                                _ => {
                                    section.unknown.get_or_insert_with(|| beginning(name));
                                    map.next_value::<IgnoredAny>()?;
                                }
                            }
                        }
                        Ok(section)
                    }
                }

                deserializer.deserialize_map(Members)
            }
        }
    };
}

section!(Root {
    version: u32,
    node: Text,
    farm: Text,
    zone: Text,
    broker: Broker,
    summary_interval_s: u32,
    topics: Topics,
    sensors: Vec<Sensor, MAX_SENSORS>,
});

section!(Broker {
    host: Text,
    port: u16,
    user: Text,
    password: Text,
});

section!(Topics {
    summary: String<MAX_TOPIC>,
    reading: String<MAX_TOPIC>,
    status: String<MAX_TOPIC>,
});

section!(Sensor {
    name: Text,
    device: Text,
    address: Text,
    medium: Text,
    kind: Text,
    humidity_kind: Text,
    interval_s: u32,
});

/// As much of `name` as there is room for.
fn beginning(name: &str) -> Text {
    let mut text = Text::new();
    for character in name.chars() {
        if text.push(character).is_err() {
            break;
        }
    }
    text
}
