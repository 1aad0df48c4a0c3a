//! The server of the bench, and the handle of its process.
//!
//! Invariant: the process does not outlive the bench. It ends when the handle is dropped, and when its standard input closes because the
//! bench was killed.

use std::{
    env,
    io::{self, BufRead, BufReader},
    process::{self, Child, Command, Stdio},
    thread,
};

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::{Context, ensure};
use bytes::Bytes;
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
    actix_web::rt::System::new().block_on(async {
        let server = HttpServer::new(|| App::new().default_service(web::to(answer))).workers(1).bind(("127.0.0.1", 0))?;
        println!("{}", server.addrs()[0].port());
        Ok(server.run().await?)
    })
}

async fn answer(body: Bytes) -> HttpResponse {
    let content = format!(r#"{{"received":{}}}"#, body.len());
    HttpResponse::Ok().content_type("application/json").body(content)
}
