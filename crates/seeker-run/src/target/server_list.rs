//! Reads the servers in the address of a target that is reached without HTTP: `a:4222,b:4222`.

use url::Url;

use crate::target::url::service_url;

/// What is particular to the servers of a kind of target.
pub(crate) struct ServerList {
    pub(crate) default_port: u16,
    /// The expected form of the whole address.
    pub(crate) expected: &'static str,
    /// The options that log in.
    pub(crate) login_options: &'static str,
}

impl ServerList {
    /// Returns the URLs of the servers in a list with commas: of HTTP, or of HTTPS with TLS. Each server is there once, and there is at
    /// least one.
    ///
    /// # Errors
    ///
    /// States what was expected.
    pub(crate) fn read(&self, uses_tls: bool, list: &str) -> Result<Vec<Url>, String> {
        let mut servers: Vec<Url> = Vec::new();
        for authority in list.split(',') {
            let server = self.server(uses_tls, authority)?;
            if !servers.contains(&server) {
                servers.push(server);
            }
        }
        Ok(servers)
    }

    /// Returns the URL of a server. Names the port, because the default port is not that of HTTP.
    fn server(&self, uses_tls: bool, authority: &str) -> Result<Url, String> {
        if authority.contains('@') {
            return Err(format!("a user name or password has no place in the URL; pass {} in its place", self.login_options));
        }
        let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| !port.is_empty() && !port.ends_with(']'));
        let authority =
            if has_port { authority.to_owned() } else { format!("{}:{}", authority.trim_end_matches(':'), self.default_port) };
        service_url(&format!("{}://{authority}", if uses_tls { "https" } else { "http" }))
            .ok()
            .filter(|url| url.path() == "/" && url.query().is_none() && url.fragment().is_none())
            .ok_or_else(|| self.expected.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: ServerList =
        ServerList { default_port: 4222, expected: "expected hosts and a subject", login_options: "--token-file" };

    #[test]
    fn servers_are_listed_once() {
        let urls = |text| LIST.read(false, text).unwrap().iter().map(Url::to_string).collect::<Vec<_>>();
        assert_eq!(urls("a,b:1,A,a:4222,[::1]"), ["http://a:4222/", "http://b:1/", "http://[::1]:4222/"]);
    }

    #[test]
    fn the_port_is_that_of_the_address_or_the_default() {
        for (authority, port) in [("h", 4222), ("h:", 4222), ("h:80", 80), ("h:443", 443), ("[::1]", 4222), ("[::1]:1", 1)] {
            for uses_tls in [false, true] {
                let [url] = LIST.read(uses_tls, authority).unwrap().try_into().unwrap();
                assert_eq!((url.port_or_known_default(), url.scheme() == "https"), (Some(port), uses_tls), "{url}");
            }
        }
        for list in ["", "user@h", "h:x", "h?a", "h#a", "a,", ",a", "a,,b", "a,user@h"] {
            LIST.read(false, list).unwrap_err();
        }
    }
}
