//! The broker that the node brings along, for those who have none.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result};
use rmqtt::{
    context::ServerContext,
    net::Builder,
    retain::{DefaultRetainStorage, RetainStorage},
    server::MqttServer,
    types::{Retain, TopicFilter, TopicName},
};

/// The port of MQTT, or if something else has it, a free one.
fn free_port() -> Result<u16> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let listener = bind(1883)
        .or_else(|_| bind(0))
        .context("no free port on 127.0.0.1 for the broker")?;
    Ok(listener.local_addr()?.port())
}

/// Starts a broker on 127.0.0.1 in a thread of its own and returns its port once it listens.
/// It speaks MQTT 3.1, 3.1.1 and 5, and ends with the program.
pub(crate) fn start() -> Result<u16> {
    let port = free_port()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let server = runtime.block_on(async {
        let context = ServerContext::new().build().await;
        *context.extends.retain_mut().await = Box::new(Retained(DefaultRetainStorage::new()));
        let listener = Builder::new()
            .name("loopback")
            .laddr(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
            .bind()?
            .tcp()?;
        anyhow::Ok(MqttServer::new(context).listener(listener).build())
    })?;
    thread::Builder::new().name("broker".into()).spawn(move || {
        if let Err(error) = runtime.block_on(server.run()) {
            eprintln!("The broker on 127.0.0.1:{port} ended: {error:#}");
        }
    })?;
    Ok(port)
}

/// Retained messages in memory: the broker library leaves them to a plug-in and ignores them without.
struct Retained(DefaultRetainStorage);

#[async_trait::async_trait]
impl RetainStorage for Retained {
    fn enable(&self) -> bool {
        true
    }

    async fn set(&self, topic: &TopicName, retain: Retain, expiry: Option<Duration>) -> Result<()> {
        self.0.set_with_timeout(topic, retain, expiry).await
    }

    async fn get(&self, filter: &TopicFilter) -> Result<Vec<(TopicName, Retain)>> {
        self.0.get_message(filter).await
    }

    async fn count(&self) -> isize {
        self.0.count().await
    }

    async fn max(&self) -> isize {
        self.0.max().await
    }
}
