//! The command line.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use lexopt::{Arg, ValueExt as _};
use url::Url;

pub(crate) const HELP: &str = "\
Runs a hydroponic node on this computer: the real drivers read simulated sensors bit by bit, and the readings
go to a real MQTT broker.

Usage: cargo run -p cress-host-node -- [OPTIONS]

Options:
  --broker mqtt://[USER:PASSWORD@]HOST[:PORT]
                 Publish to this broker (MQTT 5); without it, the node brings one of its own on 127.0.0.1
  --config FILE  Read the node's configuration from FILE; its broker is used unless --broker is given, and if it is to
                 be on this computer and is not there, the node brings it
  --speed N      Let simulated time run N times as fast, 1 to 10000 (default 1)
  --print-config Print the built-in configuration, to start a FILE from
  -h, --help     Print this
  -V, --version  Print the version

Ctrl-C ends it.
";

/// What the user asked for.
#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Run(Options),
    Help,
    Version,
    PrintConfig,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    pub(crate) broker: Option<BrokerUrl>,
    pub(crate) config: Option<PathBuf>,
    pub(crate) speed: u32,
}

/// The parts of `mqtt://user:password@host:port`.
#[derive(Debug, PartialEq)]
pub(crate) struct BrokerUrl {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<String>,
}

pub(crate) fn parse(mut parser: lexopt::Parser) -> Result<Command> {
    let mut options = Options {
        broker: None,
        config: None,
        speed: 1,
    };
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("broker") => options.broker = Some(broker(&parser.value()?.string()?)?),
            Arg::Long("config") => options.config = Some(parser.value()?.into()),
            Arg::Long("speed") => options.speed = speed(&parser.value()?.string()?)?,
            Arg::Long("print-config") => return Ok(Command::PrintConfig),
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            Arg::Short('V') | Arg::Long("version") => return Ok(Command::Version),
            other => bail!("{} (try --help)", other.unexpected()),
        }
    }
    Ok(Command::Run(options))
}

fn speed(text: &str) -> Result<u32> {
    match text.parse() {
        Ok(speed @ 1..=10_000) => Ok(speed),
        _ => bail!("--speed takes a whole number from 1 to 10000, not '{text}'"),
    }
}

fn broker(text: &str) -> Result<BrokerUrl> {
    let form = "--broker takes mqtt://HOST[:PORT]";
    // What stands before the '@' is nobody's business.
    let shown = text.rsplit('@').next().unwrap_or_default();
    let url = Url::parse(text).with_context(|| format!("{form}, not '{shown}'"))?;
    if url.scheme() != "mqtt" {
        bail!("{form}: '{}' is not spoken here", url.scheme());
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        bail!("{form}, with nothing behind it");
    }
    let Some(host) = url.host_str().filter(|host| !host.is_empty()) else {
        bail!("{form}: there is no host in '{shown}'");
    };
    let port = url.port().unwrap_or(1883);
    if port == 0 {
        bail!("{form}: there is no port 0");
    }
    let decode = |text: &str| -> Result<String> {
        Ok(percent_encoding::percent_decode_str(text)
            .decode_utf8()
            .context(form)?
            .into_owned())
    };
    let user = Some(url.username())
        .filter(|user| !user.is_empty())
        .map(decode)
        .transpose()?;
    let password = url.password().map(decode).transpose()?;
    if password.is_some() && user.is_none() {
        bail!("{form}: a password needs a user");
    }
    Ok(BrokerUrl {
        host: host.trim_matches(['[', ']']).to_owned(),
        port,
        user,
        password,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Command> {
        parse(lexopt::Parser::from_args(arguments))
    }

    fn complaint(arguments: &[&str]) -> String {
        format!("{:#}", parsed(arguments).unwrap_err())
    }

    #[test]
    fn no_option_is_the_node_with_its_own_broker_in_real_time() {
        let expected = Options {
            broker: None,
            config: None,
            speed: 1,
        };
        assert_eq!(parsed(&[]).unwrap(), Command::Run(expected));
    }

    #[test]
    fn every_part_of_the_brokers_address_is_understood() {
        let Command::Run(options) = parsed(&["--broker", "mqtt://grower:p%40ss@192.168.1.10:1884"]).unwrap()
        else {
            panic!("not a run");
        };
        let expected = BrokerUrl {
            host: "192.168.1.10".into(),
            port: 1884,
            user: Some("grower".into()),
            password: Some("p@ss".into()),
        };
        assert_eq!(options.broker, Some(expected));
        let Command::Run(options) = parsed(&["--broker=mqtt://[::1]"]).unwrap() else {
            panic!("not a run")
        };
        assert_eq!(
            options.broker.map(|url| (url.host, url.port)),
            Some(("::1".into(), 1883))
        );
    }

    #[test]
    fn wrong_options_get_one_line() {
        let cases: [(&[&str], &str); 11] = [
            (&["--brokr", "x"], "--brokr"),
            (&["extra"], "extra"),
            (&["--speed"], "--speed"),
            (&["--speed", "0"], "'0'"),
            (&["--speed", "10001"], "'10001'"),
            (&["--speed", "fast"], "'fast'"),
            (&["--broker", "localhost"], "'localhost'"),
            (&["--broker", "http://x"], "'http'"),
            (&["--broker", "mqtt://u:secret@host:99999"], "'host:99999'"),
            (&["--broker", "mqtt://host/path"], "nothing behind"),
            (&["--broker", "mqtt://:secret@host"], "needs a user"),
        ];
        for (arguments, hint) in cases {
            let complaint = complaint(arguments);
            assert!(complaint.contains(hint), "{arguments:?}: {complaint}");
            assert_eq!(complaint.lines().count(), 1, "{complaint}");
            assert!(!complaint.contains("secret"), "{complaint}");
        }
    }
}
