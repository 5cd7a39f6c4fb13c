//! The broker that the node brings along, for those who have none.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result};
use rmqtt::{
    context::ServerContext,
    net::{Builder, Listener},
    retain::{DefaultRetainStorage, RetainStorage},
    server::MqttServer,
    types::{Retain, TopicFilter, TopicName},
};

/// Starts a broker on 127.0.0.1 in a thread of its own and returns its port once it listens.
/// It speaks MQTT 3.1, 3.1.1 and 5, and ends with the program.
///
/// The port is `wanted`, or if something else has it, a free one.
pub(crate) fn start(wanted: u16) -> Result<u16> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let (server, port) = runtime.block_on(async {
        let context = ServerContext::new().build().await;
        *context.extends.retain_mut().await = Box::new(Retained(DefaultRetainStorage::new()));
        let (listener, port) = listen(wanted)?;
        anyhow::Ok((MqttServer::new(context).listener(listener).build(), port))
    })?;
    thread::Builder::new().name("broker".into()).spawn(move || {
        if let Err(error) = runtime.block_on(server.run()) {
            eprintln!("The broker on 127.0.0.1:{port} ended: {error:#}");
        }
    })?;
    Ok(port)
}

/// Binds `wanted`, or a free port. Whoever is quicker may take that, too, in between; there are others.
fn listen(wanted: u16) -> Result<(Listener, u16)> {
    let mut outcome = bind(wanted);
    for _ in 0..10 {
        if outcome.is_ok() {
            break;
        }
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        outcome = bind(free.context("no free port on 127.0.0.1 for the broker")?.port());
    }
    outcome.context("no free port on 127.0.0.1 for the broker")
}

fn bind(port: u16) -> Result<(Listener, u16)> {
    let builder = Builder::new()
        .name("loopback")
        .laddr(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        // Two nodes started at once would otherwise share the port, and each see half of the clients.
        .reuseport(Some(false));
    Ok((builder.bind()?.tcp()?, port))
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
