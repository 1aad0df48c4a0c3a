//! Measures the cost of a request for the client: CPU time per request, and requests per second, for the project's own HTTP client, hyper
//! and awc. The own client exists because it uses less CPU time; this bench shows whether that is still true.
//!
//! ```text
//! cargo bench -p benches --bench http_client -- [--connections N] [--requests N] [--rounds N]
//! ```
//!
//! The bench measures the CPU time of this process. Criterion measures elapsed time, so the bench is a separate program. For the same
//! reason the server is a separate process: this program, started a second time. The server reads each body and responds with a small JSON
//! body. Its CPU time is not measured.
//!
//! Invariant: all clients send the same bytes, except for the order and case of headers, over the same number of connections from one
//! thread. They take turns, so that other load on the machine affects all of them. Only awc sends 64 bytes more: it always adds
//! `Accept-Encoding` and `Date`.

#![expect(clippy::print_stdout, reason = "the table is the output of this program")]

use std::{
    env, iter,
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    task::{self, LocalSet},
};
use transport::http::{Connection, Endpoint, Trust};
use url::Url;

use server::Server;

// A bench is the root of its own crate. Without the path, cargo would treat the module as another bench.
#[path = "http_client/server.rs"]
mod server;

/// The size of each body, about that of an event.
const BODY: usize = 350;

/// The headers of the other clients, so that they send the same headers as ours.
const HEADERS: [(&str, &str); 3] = [
    ("user-agent", concat!("seeker-sim/", env!("CARGO_PKG_VERSION"))),
    ("content-type", "application/json"),
    ("accept", "application/json"),
];

/// The amount of work.
struct Options {
    connections: usize,
    /// The number of requests of each client per round.
    requests: usize,
    rounds: usize,
    is_test: bool,
}

/// The mean cost of a request of one client in a round.
struct Cost {
    cpu_micros: f64,
    requests_per_second: f64,
}

#[derive(Clone, Copy)]
enum Client {
    SeekerSim,
    Hyper,
    Awc,
}

/// The other clients are compared with the first one.
const CLIENTS: [Client; 3] = [Client::SeekerSim, Client::Hyper, Client::Awc];

fn main() -> anyhow::Result<()> {
    if env::args().any(|argument| argument == "--serve") {
        return server::serve();
    }
    let options = Options::from_args(env::args().skip(1))?;
    let server = Server::start()?;
    let mut costs = CLIENTS.map(|_| Vec::new());
    for _ in 0..options.rounds {
        for (client, costs) in CLIENTS.into_iter().zip(&mut costs) {
            let cost = client.run(&server.url, &options);
            costs.push(cost.with_context(|| format!("{} failed", client.name()))?);
        }
    }
    if options.is_test {
        for client in CLIENTS {
            println!("{}: ok", client.name());
        }
    } else {
        print_table(&costs, &options);
    }
    Ok(())
}

impl Options {
    /// Parses the options. Ignores options of libtest and criterion that do not apply, such as `--bench`.
    fn from_args(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut options = Self { connections: 64, requests: 100_000, rounds: 9, is_test: false };
        while let Some(argument) = arguments.next() {
            let number = match argument.as_str() {
                "--connections" => &mut options.connections,
                "--requests" => &mut options.requests,
                "--rounds" => &mut options.rounds,
                "--test" => {
                    options.is_test = true;
                    continue;
                }
                _ => continue,
            };
            let value = arguments.next().with_context(|| format!("{argument} needs a number"))?;
            *number = value.parse().with_context(|| format!("{argument} needs a number, not {value:?}"))?;
            ensure!(*number > 0, "{argument} needs a number larger than 0");
        }
        if options.is_test {
            (options.connections, options.requests, options.rounds) = (4, 40, 1);
        }
        Ok(options)
    }

    /// The number of requests of each connection per round.
    fn per_connection(&self) -> usize {
        self.requests.div_ceil(self.connections)
    }
}

impl Client {
    fn name(self) -> &'static str {
        match self {
            Self::SeekerSim => "seeker-sim",
            Self::Hyper => "hyper",
            Self::Awc => "awc",
        }
    }

    /// Runs one round on this thread, over its own connections, which are opened and warmed up before the measurement.
    fn run(self, url: &Url, options: &Options) -> anyhow::Result<Cost> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        LocalSet::new().block_on(&runtime, async {
            match self {
                Self::SeekerSim => measure(options, SeekerSim::open(url, options).await?).await,
                Self::Hyper => measure(options, Hyper::open(url, options).await?).await,
                Self::Awc => measure(options, Awc::open(url, options)).await,
            }
        })
    }
}

/// A connection of a client, or its equivalent.
trait Post: Sized + 'static {
    /// Sends one request and reads the whole response.
    async fn post(&mut self) -> anyhow::Result<u16>;
}

/// Sends requests on all connections concurrently, and measures all but the first few.
async fn measure<P: Post>(options: &Options, connections: Vec<P>) -> anyhow::Result<Cost> {
    let connections = post_all(connections, options.per_connection().div_ceil(10)).await?;
    let (cpu, wall) = (cpu_time()?, Instant::now());
    let connections = post_all(connections, options.per_connection()).await?;
    let (cpu, wall) = (cpu_time()?.saturating_sub(cpu), wall.elapsed());
    let requests = u32::try_from(connections.len() * options.per_connection())?;
    Ok(Cost {
        cpu_micros: cpu.as_secs_f64() * 1e6 / f64::from(requests),
        requests_per_second: f64::from(requests) / wall.as_secs_f64(),
    })
}

async fn post_all<P: Post>(connections: Vec<P>, times: usize) -> anyhow::Result<Vec<P>> {
    let tasks: Vec<_> = connections
        .into_iter()
        .map(|mut connection| {
            task::spawn_local(async move {
                for _ in 0..times {
                    let status = connection.post().await?;
                    ensure!(status == 200, "the server answered {status}");
                }
                Ok(connection)
            })
        })
        .collect();
    let mut connections = Vec::with_capacity(tasks.len());
    for task in tasks {
        connections.push(task.await??);
    }
    Ok(connections)
}

struct SeekerSim {
    endpoint: Rc<Endpoint>,
    connection: Connection,
    body: Bytes,
}

impl SeekerSim {
    async fn open(url: &Url, options: &Options) -> anyhow::Result<Vec<Self>> {
        let endpoint = Rc::new(Endpoint::new(url, &[], &Trust::System)?);
        let mut connections = Vec::new();
        for _ in 0..options.connections {
            connections.push(Self {
                connection: Connection::open(&endpoint).await?,
                endpoint: Rc::clone(&endpoint),
                body: body(),
            });
        }
        Ok(connections)
    }
}

impl Post for SeekerSim {
    async fn post(&mut self) -> anyhow::Result<u16> {
        let answer = self.connection.post(&self.endpoint, &self.body).await?;
        ensure!(self.connection.is_reusable(), "the connection is not reusable");
        Ok(answer.status)
    }
}

struct Hyper {
    sender: http1::SendRequest<Full<Bytes>>,
    url: Url,
    body: Bytes,
}

impl Hyper {
    async fn open(url: &Url, options: &Options) -> anyhow::Result<Vec<Self>> {
        let mut connections = Vec::new();
        for _ in 0..options.connections {
            let stream = TcpStream::connect(&*url.socket_addrs(|| None)?).await?;
            stream.set_nodelay(true)?;
            let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
            task::spawn_local(connection);
            connections.push(Self { sender, url: url.clone(), body: body() });
        }
        Ok(connections)
    }
}

impl Post for Hyper {
    async fn post(&mut self) -> anyhow::Result<u16> {
        let mut request = hyper::Request::post(self.url.path()).header("host", self.url.authority());
        for (name, value) in HEADERS {
            request = request.header(name, value);
        }
        self.sender.ready().await?;
        let answer = self.sender.send_request(request.body(Full::new(self.body.clone()))?).await?;
        let status = answer.status();
        let mut body = answer.into_body();
        while let Some(frame) = body.frame().await {
            frame?;
        }
        Ok(status.as_u16())
    }
}

struct Awc {
    /// Shared by all connections, because the client has its own connection pool.
    client: awc::Client,
    url: String,
    body: Bytes,
}

impl Awc {
    fn open(url: &Url, options: &Options) -> Vec<Self> {
        let mut client = awc::Client::builder()
            .connector(awc::Connector::new().limit(options.connections))
            .disable_timeout()
            .disable_redirects()
            .no_default_headers();
        for header in HEADERS {
            client = client.add_default_header(header);
        }
        let client = client.finish();
        let one = || Self { client: client.clone(), url: url.to_string(), body: body() };
        iter::repeat_with(one).take(options.connections).collect()
    }
}

impl Post for Awc {
    async fn post(&mut self) -> anyhow::Result<u16> {
        // The errors of awc cannot be sent to other threads, so they are converted to text.
        let request = self.client.post(&self.url).send_body(self.body.clone());
        let mut answer = request.await.map_err(|error| anyhow!("{error}"))?;
        answer.body().await?;
        Ok(answer.status().as_u16())
    }
}

fn body() -> Bytes {
    let frame = r#"{"event":""}"#.len();
    format!(r#"{{"event":"{}"}}"#, "x".repeat(BODY - frame)).into()
}

/// The CPU time of this process so far, including system time.
#[cfg(unix)]
fn cpu_time() -> anyhow::Result<Duration> {
    use rustix::time::{ClockId, clock_gettime};

    Ok(clock_gettime(ClockId::ProcessCPUTime).try_into()?)
}

#[cfg(not(unix))]
fn cpu_time() -> anyhow::Result<Duration> {
    anyhow::bail!("read the CPU time of this process: needs Unix")
}

fn print_table(costs: &[Vec<Cost>], options: &Options) {
    println!(
        "{} rounds of {} requests of {BODY} bytes on {} connections, medians",
        options.rounds, options.requests, options.connections
    );
    println!("client        CPU us/request   requests/s   CPU / CPU of {}", CLIENTS[0].name());
    let cpu = |costs: &[Cost]| median(costs.iter().map(|cost| cost.cpu_micros));
    for (client, of_client) in CLIENTS.into_iter().zip(costs) {
        println!(
            "{:<12}  {:>14.2}   {:>10.0}   {:.2}",
            client.name(),
            cpu(of_client),
            median(of_client.iter().map(|cost| cost.requests_per_second)),
            cpu(of_client) / cpu(&costs[0]),
        );
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
