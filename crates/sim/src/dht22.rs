//! DHT.
