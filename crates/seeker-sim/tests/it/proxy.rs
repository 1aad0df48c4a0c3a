//! Tests of runs through an HTTP proxy. The host of the targets has no address, so that only the proxy leads to them.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::program::{Ended, Reported, assert_sound, count};
use crate::service::{Manner, Service};
use crate::service_http2::{Http2Manner, Http2Service};

const LOAD: &str = "--duration 1s --rate 20/s --timeout 5s";

/// A proxy on a loopback port. It connects to the port of the requested host on this machine.
struct Proxy {
    addr: SocketAddr,
    /// The head of the first request of each connection.
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Starts a proxy that wants this header, if any.
    fn start(wanted: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (addr, heads) = (listener.local_addr().unwrap(), Arc::<Mutex<Vec<String>>>::default());
        let proxy = Self { addr, heads: Arc::clone(&heads) };
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let heads = Arc::clone(&heads);
                // A client may end a connection at any time.
                thread::spawn(move || serve(stream, wanted, &heads).unwrap_or_default());
            }
        });
        proxy
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

fn serve(stream: TcpStream, wanted: Option<&str>, heads: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    heads.lock().unwrap().push(head.clone());
    let mut client = stream;
    if wanted.is_some_and(|wanted| !head.contains(wanted)) {
        return client.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    }
    let url = head.split(' ').nth(1).unwrap();
    let authority = url.strip_prefix("http://").unwrap_or(url).split('/').next().unwrap();
    let port: u16 = authority.rsplit_once(':').unwrap().1.parse().unwrap();
    let mut server = TcpStream::connect(("127.0.0.1", port))?;
    if head.starts_with("CONNECT ") {
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    } else {
        server.write_all(head.as_bytes())?;
    }
    let (mut to_server, mut from_server) = (server.try_clone()?, server);
    thread::spawn(move || {
        let mut rest = reader.buffer().to_vec();
        let _ = to_server.write_all(&rest);
        rest.clear();
        let _ = copy(reader.get_mut(), &mut to_server);
        let _ = to_server.shutdown(Shutdown::Write);
    });
    copy(&mut from_server, &mut client)?;
    client.shutdown(Shutdown::Both)
}

fn copy(from: &mut TcpStream, to: &mut TcpStream) -> io::Result<()> {
    let mut buffer = [0; 16 << 10];
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok(()),
            read => to.write_all(&buffer[..read])?,
        }
    }
}

fn no_content() -> Manner {
    Manner::Answers(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec())
}

#[test]
fn all_versions_of_http_go_through_a_proxy() {
    const AUTHORIZATION: &str = "\r\nProxy-Authorization: Basic dXNlcjp2ZXJ5LXNlY3JldA==\r\n";
    let (plain, (tls, _)) = (Service::start(no_content()), Service::start_tls(no_content(), "jobs.example"));
    let (http2, (http2_tls, _)) = (Http2Service::start(Http2Manner::Answers), Http2Service::start_tls(Http2Manner::Answers));
    for (scheme, port, options, line) in [
        ("http", plain.addr.port(), "", "POST http://jobs.example:"),
        ("https", tls.addr.port(), "--insecure", "CONNECT jobs.example:"),
        ("http", http2.addr.port(), "--http2", "CONNECT jobs.example:"),
        ("https", http2_tls.addr.port(), "--http2 --insecure", "CONNECT jobs.example:"),
    ] {
        let proxy = Proxy::start(Some(AUTHORIZATION));
        let target = format!("--target {scheme}://jobs.example:{port} --proxy http://user:very-secret@{}", proxy.addr);
        let (ended, report) = Reported::new().run(&format!("{target} {LOAD} {options}"));
        assert_sound(&ended, &report);
        assert_eq!(count(&report, "events.acknowledged"), 20, "{}", ended.stdout);
        let heads = proxy.heads();
        assert!(!heads.is_empty() && heads.iter().all(|head| head.starts_with(line)), "{heads:?}");
        let name = format!("{scheme}://jobs.example:{port}/clientEvents through the proxy http://{}", proxy.addr);
        assert_eq!(report["target"], name);
        assert!(!format!("{}{}{report}", ended.stdout, ended.stderr).contains("very-secret"));
    }
    let requests = plain.requests();
    assert!(requests.iter().all(|request| request.head.contains("\r\nHost: jobs.example:")), "{}", requests[0].head);
}

#[test]
fn a_proxy_that_opens_no_tunnel_is_told() {
    let proxy = Proxy::start(Some("Proxy-Authorization"));
    let (ended, report) = Reported::new().run(&format!("--target https://jobs.example --proxy http://{} {LOAD}", proxy.addr));
    assert_eq!((ended.code, report["outcome"].as_str()), (Some(4), Some("target_unreachable")), "{}", ended.stdout);
    let told = "the proxy answered 407; put the user name and the password into the URL of the proxy";
    assert!(ended.stdout.contains(told), "{}", ended.stdout);
    assert!(ended.stdout.contains(&format!("through the proxy http://{} cannot be reached", proxy.addr)), "{}", ended.stdout);
}

#[test]
fn a_proxy_of_the_environment_is_used_and_told() {
    let (service, proxy) = (Service::start(no_content()), Proxy::start(None));
    let port = service.addr.port();
    let run = |host: &str, options: &str, variables: &[(&str, &str)]| {
        let reported = Reported::new();
        let mut command = reported.command(&format!("--target http://{host}:{port} {LOAD} {options}"));
        for name in ["http_proxy", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"] {
            command.env_remove(name);
        }
        command.env("HTTP_PROXY", format!("http://{}", proxy.addr)).envs(variables.iter().copied());
        let ended: Ended = command.output().unwrap().into();
        (ended, reported.report())
    };
    let note = format!(
        "seeker-sim: note: requests to http://jobs.example:{port}/ go through the proxy http://{} (HTTP_PROXY)",
        proxy.addr
    );
    let (ended, report) = run("jobs.example", "", &[]);
    assert_sound(&ended, &report);
    assert!(ended.stderr.contains(&note), "{}", ended.stderr);
    let through_proxy = proxy.heads().len();
    assert!(through_proxy > 0);
    let resolve = format!("--resolve jobs.example:{port}:127.0.0.1");
    for (host, options) in [("127.0.0.1", ""), ("jobs.example", &*resolve)] {
        let (ended, report) = run(host, options, &[]);
        assert_sound(&ended, &report);
        assert!(!ended.stderr.contains("note"), "{}", ended.stderr);
    }
    for (options, variables) in [("--no-proxy", &[][..]), ("", &[("NO_PROXY", "other,.example")])] {
        let (ended, _) = run("jobs.example", options, variables);
        assert_eq!(ended.code, Some(4), "{}", ended.stdout);
        assert!(
            ended.stdout.contains("resolve the host `jobs.example`") || ended.stdout.contains("no connection"),
            "{}",
            ended.stdout
        );
    }
    assert_eq!(proxy.heads().len(), through_proxy);
}
