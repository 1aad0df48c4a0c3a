//! The proxy of each service: the one that the user names, or the one in the environment of the process.

use std::net::IpAddr;

use transport::http::{Proxy, ProxyError};
use url::{Host, Url};

/// The proxies of a run.
#[derive(Clone, Debug, Default)]
pub enum Proxies {
    /// Connections go to the services directly.
    #[default]
    None,
    /// Connections go through this proxy.
    Named(Proxy),
    /// The environment names the proxies.
    Environment(ProxyEnvironment),
}

/// The proxies that environment variables name.
#[derive(Clone, Debug)]
pub struct ProxyEnvironment {
    http: Option<Variable>,
    https: Option<Variable>,
    /// Hosts without a proxy, separated by commas.
    exceptions: String,
}

#[derive(Clone, Debug)]
struct Variable {
    name: &'static str,
    proxy: Result<Proxy, ProxyError>,
}

/// A proxy, and the environment variable that names it, if one does.
pub(crate) type Route<'a> = (&'a Proxy, Option<&'static str>);

impl Proxies {
    /// Reads `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`. Each name in lower case takes precedence.
    pub fn of_environment(read: impl Fn(&str) -> Option<String>) -> Self {
        let first = |names: [&'static str; 2]| {
            names.into_iter().find_map(|name| read(name).filter(|value| !value.trim().is_empty()).map(|value| (name, value)))
        };
        let variable = |names| first(names).map(|(name, value)| Variable { name, proxy: value.trim().parse() });
        let (http, https) = (variable(["http_proxy", "HTTP_PROXY"]), variable(["https_proxy", "HTTPS_PROXY"]));
        let exceptions = first(["no_proxy", "NO_PROXY"]).map(|(_, value)| value).unwrap_or_default();
        if http.is_none() && https.is_none() {
            Self::None
        } else {
            Self::Environment(ProxyEnvironment { http, https, exceptions })
        }
    }

    /// Returns the proxy for requests to this URL, if they need one.
    ///
    /// # Errors
    ///
    /// If the variable is not the URL of a proxy. Returns its name.
    pub(crate) fn for_url(&self, url: &Url) -> Result<Option<Route<'_>>, &'static str> {
        let environment = match self {
            Self::None => return Ok(None),
            Self::Named(proxy) => return Ok(Some((proxy, None))),
            Self::Environment(environment) => environment,
        };
        let variable = if url.scheme() == "https" { &environment.https } else { &environment.http };
        match variable {
            Some(Variable { name, proxy }) if !environment.is_excepted(url) => match proxy {
                Ok(proxy) => Ok(Some((proxy, Some(name)))),
                Err(ProxyError) => Err(name),
            },
            _ => Ok(None),
        }
    }
}

impl ProxyEnvironment {
    /// Whether requests to this URL go without a proxy: to this machine, and to the hosts in `NO_PROXY`.
    fn is_excepted(&self, url: &Url) -> bool {
        let address = match url.host() {
            Some(Host::Domain(name)) => return name == "localhost" || self.entries().any(|entry| covers(entry, name, url)),
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            None => return true,
        };
        let is_address = |entry: &str| entry.trim_matches(['[', ']']).parse() == Ok(address);
        address.is_loopback() || self.entries().any(|entry| entry == "*" || is_address(entry))
    }

    fn entries(&self) -> impl Iterator<Item = &str> {
        self.exceptions.split(',').map(str::trim).filter(|entry| !entry.is_empty())
    }
}

/// Whether an entry of `NO_PROXY` covers this name: `*`, the name, or a domain that it belongs to, each with or without a port.
fn covers(entry: &str, name: &str, url: &Url) -> bool {
    let (domain, port) = entry.split_once(':').map_or((entry, None), |(domain, port)| (domain, Some(port)));
    let domain = domain.trim_start_matches('.').to_ascii_lowercase();
    let is_port = port.is_none_or(|port| port.parse().ok() == url.port_or_known_default());
    let is_name = name.strip_suffix(&*domain).is_some_and(|before| before.is_empty() || before.ends_with('.'));
    is_port && (domain == "*" || is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(variables: &[(&str, &str)]) -> Proxies {
        Proxies::of_environment(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    fn shown(proxies: &Proxies, url: &str) -> Option<String> {
        proxies.for_url(&Url::parse(url).unwrap()).unwrap().map(|(proxy, name)| format!("{proxy} {}", name.unwrap_or("named")))
    }

    #[test]
    fn the_scheme_selects_the_variable_and_lower_case_goes_first() {
        let both = proxies(&[("HTTP_PROXY", "http://a:1"), ("https_proxy", "b:2"), ("HTTPS_PROXY", "http://c:3")]);
        assert_eq!(shown(&both, "http://h").as_deref(), Some("http://a:1 HTTP_PROXY"));
        assert_eq!(shown(&both, "https://h").as_deref(), Some("http://b:2 https_proxy"));
        assert_eq!(shown(&proxies(&[("HTTP_PROXY", "http://a:1")]), "https://h"), None);
        assert!(matches!(proxies(&[("HTTP_PROXY", " "), ("NO_PROXY", "*")]), Proxies::None));
        let named = Proxies::Named("http://p:1".parse().unwrap());
        assert_eq!(shown(&named, "http://127.0.0.1").as_deref(), Some("http://p:1 named"));
    }

    #[test]
    fn some_hosts_need_no_proxy() {
        for (exceptions, url, is_excepted) in [
            ("", "http://h.example", false),
            ("", "http://localhost:8080", true),
            ("", "http://127.0.0.1", true),
            ("", "http://[::1]", true),
            ("", "http://192.0.2.1", false),
            ("*", "http://h.example", true),
            ("*", "http://192.0.2.1", true),
            ("a.example, H.example", "http://h.example", true),
            ("example", "http://h.example", true),
            (".example", "http://h.example", true),
            ("h.example", "http://other-h.example", false),
            ("h.example:81", "http://h.example", false),
            ("h.example:80", "http://h.example", true),
            ("192.0.2.1", "http://192.0.2.1", true),
            ("[2001:db8::1]", "http://[2001:db8::1]", true),
        ] {
            let proxies = proxies(&[("http_proxy", "http://a:1"), ("no_proxy", exceptions)]);
            assert_eq!(shown(&proxies, url).is_none(), is_excepted, "{exceptions} {url}");
        }
    }

    #[test]
    fn an_unusable_variable_is_an_error_only_where_it_applies() {
        let proxies = proxies(&[("HTTP_PROXY", "socks5://secret@p")]);
        assert_eq!(proxies.for_url(&Url::parse("http://h").unwrap()).err(), Some("HTTP_PROXY"));
        assert!(proxies.for_url(&Url::parse("https://h").unwrap()).unwrap().is_none());
        assert!(proxies.for_url(&Url::parse("http://localhost").unwrap()).unwrap().is_none());
        assert!(!format!("{proxies:?}").contains("secret"));
    }
}
