//! As much of Azure as the app needs to get going: it answers everything at once and notes when
//! it was asked, so that a figure is the app's own. The local Azure takes its time, as Azure does.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

const PATIENCE: Duration = Duration::from_secs(20);
/// The longest message of DNS over UDP that the app sends or takes.
const DATAGRAM: usize = 4096;

/// Listens on loopback until the process ends.
#[derive(Debug)]
pub(super) struct Azure {
    address: SocketAddr,
    names: SocketAddr,
    requests: Receiver<Request>,
}

/// A request that arrived.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) at: Instant,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) body: String,
}

impl Azure {
    pub(super) fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let (sender, requests) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let sender = sender.clone();
                // A connection that breaks is the app's business; it may open another.
                thread::spawn(move || converse(&stream, &sender));
            }
        });
        Ok(Self { address, names: start_names()?, requests })
    }

    /// The settings that lead the app here.
    pub(super) fn settings(&self) -> Vec<(&'static str, String)> {
        let url = format!("http://{}", self.address);
        vec![
            ("FARSHORE_ARM_ENDPOINT", url.clone()),
            ("FARSHORE_AUTHORITY_HOST", url.clone()),
            ("FARSHORE_SERVICE_BUS_ENDPOINT", url.clone()),
            ("FARSHORE_DNS", self.names.to_string()),
            ("IDENTITY_ENDPOINT", format!("{url}/msi/token")),
        ]
    }

    /// Waits for the next request of which this is true; earlier ones are forgotten.
    pub(super) fn next(&self, what: &str, wanted: impl Fn(&Request) -> bool) -> Result<Request> {
        let patience_ends = Instant::now() + PATIENCE;
        loop {
            let left = patience_ends.saturating_duration_since(Instant::now());
            let request = self
                .requests
                .recv_timeout(left)
                .with_context(|| format!("{what} did not come within {PATIENCE:?}"))?;
            if wanted(&request) {
                return Ok(request);
            }
        }
    }
}

/// Answers every question of a name server with "no such name", at once.
fn start_names() -> Result<SocketAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = socket.local_addr()?;
    thread::spawn(move || {
        let mut datagram = [0; DATAGRAM];
        while let Ok((length, asker)) = socket.recv_from(&mut datagram) {
            if length >= 12 {
                datagram[2] |= 0x80; // an answer
                datagram[3] = 0x83; // recursion is available; the name does not exist
                let _ = socket.send_to(&datagram[..length], asker);
            }
        }
    });
    Ok(address)
}

fn converse(stream: &TcpStream, requests: &Sender<Request>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let request = read(&mut reader)?;
        let (status, body) = answer(&request);
        // Noted before it is answered: who sees the answer finds the request.
        requests.send(request).ok()?;
        let length = body.len();
        let mut writer = stream;
        let head = "Content-Type: application/json\r\nContent-Length";
        write!(writer, "HTTP/1.1 {status} Bench\r\n{head}: {length}\r\n\r\n{body}").ok()?;
    }
}

fn answer(request: &Request) -> (u16, &'static str) {
    if request.path.starts_with("/msi/token") {
        let token = r#"{"access_token":"bench","expires_on":"4102444800","resource":"bench","token_type":"Bearer"}"#;
        return (200, token);
    }
    if is_arm(request) {
        return (503, r#"{"error":{"code":"ServiceUnavailable","message":"only a bench"}}"#);
    }
    (201, "")
}

pub(super) fn is_arm(request: &Request) -> bool {
    request.path.starts_with("/subscriptions/")
}

pub(super) fn is_message(request: &Request) -> bool {
    request.method == "POST" && request.path.starts_with("/signals/messages")
}

fn read(reader: &mut impl BufRead) -> Option<Request> {
    let first = line(reader)?;
    let at = Instant::now();
    let mut words = first.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let header = line(reader)?;
        let Some((name, value)) = header.split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(Some(0), |it| it.parse().ok())?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { at, method, path, body: String::from_utf8(body).ok()? })
}

fn line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    let length = reader.read_line(&mut line).ok()?;
    (length > 0).then(|| line.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{Shutdown, TcpStream};

    use super::{Azure, is_arm, is_message};

    fn exchange(azure: &Azure, request: &str) -> String {
        let mut stream = TcpStream::connect(azure.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn it_gives_out_tokens_takes_messages_and_notes_what_came() {
        let azure = Azure::start().unwrap();

        assert!(exchange(&azure, "GET /msi/token?a=b HTTP/1.1\r\n\r\n").contains("access_token"));
        let message = "POST /signals/messages HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}";
        assert!(exchange(&azure, message).starts_with("HTTP/1.1 201"));
        assert!(exchange(&azure, "GET /subscriptions/a HTTP/1.1\r\n\r\n").contains(" 503 "));

        assert_eq!(azure.next("the message", is_message).unwrap().body, "{}");
        assert_eq!(azure.next("the look", is_arm).unwrap().path, "/subscriptions/a");
    }
}
