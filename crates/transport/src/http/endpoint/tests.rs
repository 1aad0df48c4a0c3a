//! Tests of the URL checks and of the request head.

use rustls::RootCertStore;

use super::head::request;
use super::*;

fn endpoint(url: &str, headers: &[&str]) -> Result<Endpoint, EndpointError> {
    let headers: Vec<Header> = headers.iter().map(|text| text.parse().unwrap()).collect();
    Endpoint::with_roots(&Url::parse(url).unwrap(), &headers, Version::Http1, || Ok(Some(RootCertStore::empty().into())))
}

fn head(url: &str, headers: &[&str]) -> String {
    String::from_utf8(endpoint(url, headers).unwrap().head().to_vec()).unwrap()
}

#[test]
fn a_head_has_its_defaults_and_ends_before_the_length() {
    let expected = concat!(
        "POST /clientEvents HTTP/1.1\r\n",
        "Host: example.com\r\n",
        "User-Agent: seeker-sim/",
        env!("CARGO_PKG_VERSION"),
        "\r\n",
        "Content-Type: application/json\r\n",
        "Accept: application/json\r\n",
        "Content-Length: "
    );
    assert_eq!(head("http://example.com", &[]), expected);
}

#[test]
fn the_path_and_query_are_kept_but_for_an_empty_path() {
    for (given, used) in [
        ("http://example.com", "http://example.com/clientEvents"),
        ("http://example.com/", "http://example.com/clientEvents"),
        ("http://example.com/?a=b", "http://example.com/clientEvents?a=..."),
        ("http://example.com/v1/events/?a=b#c", "http://example.com/v1/events/?a=..."),
        ("https://example.com:443/x#/y", "https://example.com/x"),
    ] {
        assert_eq!(endpoint(given, &[]).unwrap().url(), used);
    }
    assert!(head("http://example.com/v1/?a=b#c", &[]).starts_with("POST /v1/?a=b HTTP/1.1\r\n"));
}

#[test]
fn the_host_has_brackets_where_needed_and_no_default_port() {
    for (url, host, port) in [
        ("http://example.com:80", "example.com", 80),
        ("http://example.com:8080", "example.com:8080", 8080),
        ("https://example.com", "example.com", 443),
        ("https://example.com:80", "example.com:80", 80),
        ("http://[::1]:8080", "[::1]:8080", 8080),
        ("http://[::1]", "[::1]", 80),
        ("http://127.0.0.1", "127.0.0.1", 80),
    ] {
        assert!(head(url, &[]).contains(&format!("\r\nHost: {host}\r\n")), "{url}");
        assert_eq!(endpoint(url, &[]).unwrap().addresses().port(), port, "{url}");
    }
}

#[test]
fn headers_replace_defaults_in_any_case_and_else_are_added() {
    let head = head(
        "http://example.com",
        &["x-run: 1", "HOST: other", "user-agent: mine", "X-Run: 2", "content-type: text/json", "accept: */*"],
    );
    let expected = concat!(
        "POST /clientEvents HTTP/1.1\r\n",
        "HOST: other\r\n",
        "user-agent: mine\r\n",
        "content-type: text/json\r\n",
        "accept: */*\r\n",
        "x-run: 1\r\n",
        "X-Run: 2\r\n",
        "Content-Length: "
    );
    assert_eq!(head, expected);
}

#[test]
fn urls_that_cannot_be_posted_to_are_refused() {
    assert!(matches!(endpoint("ftp://example.com", &[]), Err(EndpointError::Scheme(scheme)) if scheme == "ftp"));
    for url in ["http://user@example.com", "http://:secret@example.com"] {
        let refused = endpoint(url, &[]).unwrap_err();
        assert!(matches!(refused, EndpointError::UserInfo));
        assert!(refused.to_string().contains("--header 'Authorization: ...'"));
        assert!(!refused.to_string().contains("secret"));
    }
    let twice = endpoint("http://example.com", &["Host: a", "host: b"]);
    assert!(matches!(twice, Err(EndpointError::RepeatedHost)));
}

#[test]
fn values_of_the_query_are_sent_and_not_shown() {
    for (url, shown, sent) in [
        ("http://h/p?key=secret&a=b", "http://h/p?key=...&a=...", "POST /p?key=secret&a=b "),
        ("http://h?secret#part", "http://h/clientEvents?...", "POST /clientEvents?secret "),
    ] {
        let endpoint = endpoint(url, &[]).unwrap();
        assert_eq!(endpoint.url(), shown);
        assert!(endpoint.head().starts_with(sent.as_bytes()));
    }
}

#[test]
fn only_https_asks_for_roots() {
    let refuse = || Err(TrustError::NoRoots { source: None });
    let plain = Endpoint::with_roots(&Url::parse("http://example.com").unwrap(), &[], Version::Http1, refuse);
    assert!(plain.unwrap().tls().is_none());
    let secure = Endpoint::with_roots(&Url::parse("https://example.com").unwrap(), &[], Version::Http1, refuse);
    assert!(matches!(secure, Err(EndpointError::Trust(TrustError::NoRoots { .. }))));
}

#[test]
fn a_secret_header_is_not_debugged() {
    let endpoint = endpoint("http://example.com", &["Authorization: secret"]).unwrap();
    assert!(!format!("{endpoint:?}").contains("secret"));
}

#[test]
fn requests_of_http1_and_http2_have_the_same_headers() {
    let made = |url: &str, headers: &[&str]| {
        let headers: Vec<Header> = headers.iter().map(|text| text.parse().unwrap()).collect();
        let roots = || Ok(Some(RootCertStore::empty().into()));
        let endpoint = Endpoint::with_roots(&Url::parse(url).unwrap(), &headers, Version::Http2, roots)?;
        request(Version::Http2, &endpoint.target, &headers)
    };
    let request = made("https://example.com:444/v1?a=b#c", &["ACCEPT: text/plain", "X-Two: 1", "x-two: 2"]).unwrap();
    assert_eq!(request.uri().to_string(), "https://example.com:444/v1?a=b");
    let headers: Vec<_> = request.headers().iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    let agent = concat!("user-agent: seeker-sim/", env!("CARGO_PKG_VERSION"));
    assert_eq!(headers, [agent, "content-type: application/json", "accept: text/plain", "x-two: 1", "x-two: 2"]);
    let with_host = made("http://127.0.0.1:1", &["Host: jobs.example"]).unwrap();
    assert_eq!(with_host.uri().to_string(), "http://jobs.example/clientEvents");
    assert!(with_host.headers().get("host").is_none());
    assert!(matches!(made("http://h", &["Host: not a host"]), Err(EndpointError::Request { .. })));
    assert!(matches!(made("http://h", &["proxy-connection: x"]), Err(EndpointError::Http1Header { .. })));
}

#[test]
fn without_keep_alive_each_head_asks_for_the_close() {
    let closing = endpoint("http://example.com", &["X-A: b"]).unwrap().without_keep_alive();
    let renewed = closing.with_headers(&["X-A: c".parse().unwrap()]).unwrap();
    for (endpoint, value) in [(&closing, "b"), (&renewed, "c")] {
        let head = str::from_utf8(endpoint.head()).unwrap();
        assert!(head.ends_with(&format!("\r\nX-A: {value}\r\nConnection: close\r\nContent-Length: ")), "{head}");
        assert!(!endpoint.keeps_alive());
    }
    assert!(endpoint("http://example.com", &[]).unwrap().keeps_alive());
}

#[test]
fn a_proxy_gets_the_whole_url_of_plain_requests_alone() {
    let proxy: Proxy = "http://user:secret@proxy.example:3128".parse().unwrap();
    let plain = endpoint("http://h:81/p?q=1", &["X-A: b"]).unwrap().with_proxy(&proxy, Duration::from_secs(1));
    let renewed = plain.with_headers(&["X-A: c".parse().unwrap()]).unwrap();
    for (endpoint, value) in [(&plain, "b"), (&renewed, "c")] {
        let head = str::from_utf8(endpoint.head()).unwrap();
        assert!(head.starts_with("POST http://h:81/p?q=1 HTTP/1.1\r\nHost: h:81\r\n"), "{head}");
        let end = format!("\r\nX-A: {value}\r\nProxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\nContent-Length: ");
        assert!(head.ends_with(&end), "{head}");
        assert!(endpoint.tunnel().is_none());
        assert_eq!(endpoint.said(b"dXNlcjpzZWNyZXQ="), Some("[concealed]".to_owned()));
    }
    let encrypted = endpoint("https://h/p", &[]).unwrap().with_proxy(&proxy, Duration::from_secs(1));
    let renewed = encrypted.with_headers(&[]).unwrap();
    for endpoint in [&encrypted, &renewed] {
        assert_eq!(endpoint.head(), self::endpoint("https://h/p", &[]).unwrap().head());
        assert!(endpoint.tunnel().is_some() && endpoint.proxy() == Some(&proxy));
        assert_eq!(endpoint.addresses().port(), 3128);
    }
}

#[test]
fn an_endpoint_of_another_server_keeps_the_scheme_and_the_secrets() {
    let first = endpoint("https://a.example:9092", &["Authorization: Bearer very-secret-token"]).unwrap();
    for (host, port, url) in [
        ("b.example", 9093, "https://b.example:9093/clientEvents"),
        ("B.example", 443, "https://b.example/clientEvents"),
        ("127.0.0.1", 1, "https://127.0.0.1:1/clientEvents"),
        ("[::1]", 1, "https://[::1]:1/clientEvents"),
    ] {
        let other = first.for_server(host, port).unwrap();
        assert_eq!((other.url(), other.addresses().port()), (url, port));
        assert_eq!(other.said(b"a very-secret-token").as_deref(), Some("a [concealed]"));
        assert!(other.tls().is_some() && !String::from_utf8_lossy(other.head()).contains("secret"));
    }
    for host in ["", "a b", "a/b", "::1", "a:1"] {
        assert!(first.for_server(host, 1).is_err(), "{host}");
    }
}
