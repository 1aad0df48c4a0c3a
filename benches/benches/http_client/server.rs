//! The server of the bench, and the handle of its process.
//!
//! Invariant: the process does not outlive the bench. It ends when the handle is dropped, and when its standard input closes because the
//! bench was killed.

use std::{
    env,
    io::{self, BufRead, BufReader},
    net::TcpListener,
    process::{self, Child, Command, Stdio},
    thread,
};

use actix_http::{
    Error, HttpService, Request, Response, StatusCode,
    body::{BodyStream, to_bytes},
    header::{CONTENT_TYPE, HeaderValue},
};
use actix_server::Server as HttpServer;
use actix_service::fn_service;
use anyhow::{Context, ensure};
use url::Url;

/// The server process. It ends when this handle is dropped.
pub(super) struct Server {
    process: Child,
    pub(super) url: Url,
}

impl Server {
    /// Starts the server and waits until it prints its port.
    pub(super) fn start() -> anyhow::Result<Self> {
        let mut process = Command::new(env::current_exe()?)
            .arg("--serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("failed to start the server")?;
        let output = process.stdout.take();
        // Creates the handle first, so that the process ends even if it prints no port.
        let mut server = Self { process, url: Url::parse("http://127.0.0.1/clientEvents")? };
        let mut port = String::new();
        BufReader::new(output.context("the output of the server is not piped")?).read_line(&mut port)?;
        let port = port.trim().parse().context("the server did not print its port")?;
        ensure!(server.url.set_port(Some(port)).is_ok(), "the URL does not accept a port");
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both calls fail only if the process has already ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs the server: prints its port, then responds until it is killed or its standard input closes.
pub(super) fn serve() -> anyhow::Result<()> {
    thread::spawn(|| {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        process::exit(0);
    });
    actix::System::new().block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let port = listener.local_addr()?.port();
        let service = || HttpService::build().h1(fn_service(answer)).tcp();
        let server = HttpServer::build().workers(1).listen("bench", listener, service)?;
        println!("{port}");
        Ok(server.run().await?)
    })
}

async fn answer(mut request: Request) -> Result<Response<String>, Error> {
    let body = to_bytes(BodyStream::new(request.take_payload())).await?;
    let mut answer = Response::with_body(StatusCode::OK, format!(r#"{{"received":{}}}"#, body.len()));
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(answer)
}
