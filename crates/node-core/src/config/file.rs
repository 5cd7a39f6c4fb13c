//! The file's shape, before anything is checked.
//!
//! Not `#[derive(Deserialize)]`: the JSON library drops the text of an error, and with it the name of the field. Here
//! every field may be missing, the first unknown or repeated one is kept for the check to name, and a [`Trail`] says
//! which field was being read when reading failed.

use core::{cell::Cell, fmt, marker::PhantomData};

use heapless::{String, Vec};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{Field, MAX_SENSORS, MAX_TOPIC, SensorId, Text};

type Topic = String<MAX_TOPIC>;

/// Where in the file the reading is.
#[derive(Default)]
pub(super) struct Trail {
    sensor: Cell<Option<SensorId>>,
    field: Cell<Option<&'static str>>,
}

impl Trail {
    /// The field that is being read.
    pub(super) fn field(&self) -> Option<Field> {
        let sensor = self.sensor.get();
        match (sensor, self.field.get()) {
            (None, None) => None,
            (_, field) => Some(Field {
                sensor,
                name: field.unwrap_or(""),
            }),
        }
    }
}

/// What can be read and tells the trail where it is.
trait Read<'de>: Sized {
    fn read<D: Deserializer<'de>>(deserializer: D, trail: &Trail) -> Result<Self, D::Error>;
}

/// Reads the `T` that comes next.
struct Next<'t, T>(&'t Trail, PhantomData<T>);

impl<'de, T: Read<'de>> DeserializeSeed<'de> for Next<'_, T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::read(deserializer, self.0)
    }
}

macro_rules! plain {
    ($($type:ty),*) => {$(
        impl<'de> Read<'de> for $type {
            fn read<D: Deserializer<'de>>(deserializer: D, _: &Trail) -> Result<Self, D::Error> {
                Self::deserialize(deserializer)
            }
        }
    )*};
}

plain!(u16, u32, Text, Topic);

/// A value, or `null`.
impl<'de, T: Read<'de>> Read<'de> for Option<T> {
    fn read<D: Deserializer<'de>>(deserializer: D, trail: &Trail) -> Result<Self, D::Error> {
        struct OrNull<'t, T>(Next<'t, T>);

        impl<'de, T: Read<'de>> Visitor<'de> for OrNull<'_, T> {
            type Value = Option<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value or null")
            }

            fn visit_none<E>(self) -> Result<Option<T>, E> {
                Ok(None)
            }

            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
                self.0.deserialize(deserializer).map(Some)
            }
        }

        deserializer.deserialize_option(OrNull(Next(trail, PhantomData)))
    }
}

/// The list of sensors.
impl<'de> Read<'de> for Vec<Sensor, MAX_SENSORS> {
    fn read<D: Deserializer<'de>>(deserializer: D, trail: &Trail) -> Result<Self, D::Error> {
        struct List<'t>(&'t Trail);

        impl<'de> Visitor<'de> for List<'_> {
            type Value = Vec<Sensor, MAX_SENSORS>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut sensors = Vec::new();
                for index in 0.. {
                    self.0.sensor.set(Some(SensorId(index)));
                    self.0.field.set(None);
                    let Some(sensor) = list.next_element_seed(Next(self.0, PhantomData))? else {
                        break;
                    };
                    sensors
                        .push(sensor)
                        .map_err(|_| A::Error::custom("too many sensors"))?;
                }
                self.0.sensor.set(None);
                Ok(sensors)
            }
        }

        deserializer.deserialize_seq(List(trail))
    }
}

/// An object of the file: each field as it was written, and the name of one that there is not or that is there twice.
macro_rules! section {
    ($section:ident, $prefix:literal, { $($field:ident: $type:ty,)* }) => {
        #[derive(Default)]
        pub(super) struct $section {
            $(pub(super) $field: Option<$type>,)*
            pub(super) unknown: Option<Text>,
            pub(super) repeated: Option<&'static str>,
        }

        impl<'de> Read<'de> for $section {
            fn read<D: Deserializer<'de>>(deserializer: D, trail: &Trail) -> Result<Self, D::Error> {
                struct Members<'t>(&'t Trail);

                impl<'de> Visitor<'de> for Members<'_> {
                    type Value = $section;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("an object")
                    }

                    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<$section, A::Error> {
                        let mut section = $section::default();
                        while let Some(name) = map.next_key::<&str>()? {
                            match name {
                                $(stringify!($field) => {
                                    const NAME: &str = concat!($prefix, stringify!($field));
                                    if section.$field.is_some() {
                                        section.repeated = Some(NAME);
                                    }
                                    self.0.field.set(Some(NAME));
                                    section.$field = map.next_value_seed(Next(self.0, PhantomData))?;
                                })*
                                _ => {
                                    section.unknown.get_or_insert_with(|| beginning(concat!($prefix), name));
                                    map.next_value::<IgnoredAny>()?;
                                }
                            }
                            self.0.field.set(None);
                        }
                        Ok(section)
                    }
                }

                deserializer.deserialize_map(Members(trail))
            }
        }
    };
}

section!(Root, "", {
    version: u32,
    node: Text,
    farm: Text,
    zone: Text,
    broker: Broker,
    summary_interval_s: u32,
    topics: Topics,
    sensors: Vec<Sensor, MAX_SENSORS>,
});

section!(Broker, "broker.", {
    host: Text,
    port: u16,
    user: Text,
    password: Text,
});

section!(Topics, "topics.", {
    summary: Topic,
    reading: Topic,
    status: Topic,
});

section!(Sensor, "", {
    name: Text,
    device: Text,
    address: Text,
    medium: Text,
    kind: Text,
    humidity_kind: Text,
    interval_s: u32,
});

impl Root {
    /// Reads the file. `unescaped` holds one text without its escapes at a time.
    pub(super) fn read(
        json: &[u8],
        unescaped: &mut [u8],
        trail: &Trail,
    ) -> Result<Self, serde_json_core::de::Error> {
        let mut deserializer = serde_json_core::de::Deserializer::new(json, Some(unescaped));
        let root = Next(trail, PhantomData).deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(root)
    }
}

/// As much of a field's name as there is room for.
fn beginning(prefix: &str, name: &str) -> Text {
    let mut text = Text::new();
    for character in prefix.chars().chain(name.chars()) {
        if text.push(character).is_err() {
            break;
        }
    }
    text
}
