//! The body of a search request: the searcher and the query.

use seeker_model::{Device, Query, SearchContext};
use serde::Serialize;

use crate::search::words::words_of;

/// The site that requests name as their source. The domain is reserved, so it has no owner (RFC 2606).
const DOMAIN: &str = "seeker-sim.example";

/// The field name for the number of jobs per page, by API version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PageSizeField {
    /// `maxPageSize`, of version 4.
    MaxPageSize,
    /// `pageSize`, of versions 3 and 4beta1.
    PageSize,
}

impl PageSizeField {
    /// The field name for a service at this path.
    pub(crate) fn at(path: &str) -> Self {
        let is_older = path.split('/').any(|part| matches!(part, "v3" | "v3p1beta1" | "v4beta1"));
        if is_older { Self::PageSize } else { Self::MaxPageSize }
    }
}

/// The needed fields of `SearchJobsRequest`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    #[serde(rename = "requestMetadata")]
    metadata: Metadata,
    job_query: JobQuery,
    /// The index of the first job, from 0.
    #[serde(skip_serializing_if = "is_zero")]
    offset: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_page_size: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_size: Option<u16>,
}

/// The fields that the documentation requires, and the device.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    domain: &'static str,
    session_id: String,
    user_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_info: Option<DeviceInfo>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeviceInfo {
    device_type: &'static str,
}

#[derive(Serialize)]
struct JobQuery {
    query: &'static str,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(offset: &u32) -> bool {
    *offset == 0
}

/// Writes the body of a search request and replaces the previous contents.
pub(crate) fn write_request(query: &Query, who: &SearchContext, field: PageSizeField, body: &mut Vec<u8>) {
    let device_type = who.device.map(|device| match device {
        Device::Desktop => "WEB",
        Device::Mobile => "MOBILE_WEB",
    });
    let request = Request {
        metadata: Metadata {
            domain: DOMAIN,
            session_id: who.session.name(who.seeker),
            user_id: who.seeker.to_string(),
            device_info: device_type.map(|device_type| DeviceInfo { device_type }),
        },
        job_query: JobQuery { query: words_of(query.interest) },
        offset: u32::from(query.page) * u32::from(query.page_size),
        max_page_size: (field == PageSizeField::MaxPageSize).then_some(query.page_size),
        page_size: (field == PageSizeField::PageSize).then_some(query.page_size),
    };
    body.clear();
    serde_json::to_writer(body, &request).expect("strings and numbers serialize as JSON");
}

#[cfg(test)]
mod tests {
    use seeker_model::Session;

    use super::*;

    #[test]
    fn a_request_names_the_seeker_and_the_query() {
        let query = Query { interest: 0, day: 3, call: 9, page: 2, page_size: 20 };
        let written = |who: SearchContext, path: &str, query: Query| {
            let mut body = b"what was there".to_vec();
            write_request(&query, &who, PageSizeField::at(path), &mut body);
            String::from_utf8(body).unwrap()
        };
        let who = SearchContext { seeker: 17, session: Session::Visit(3), device: Some(Device::Mobile) };
        assert_eq!(
            written(who, "/v4/projects/p/tenants/t/jobs:search", query),
            r#"{"requestMetadata":{"domain":"seeker-sim.example","sessionId":"17-3","userId":"17","deviceInfo":{"deviceType":"MOBILE_WEB"}},"#
                .to_owned()
                + r#""jobQuery":{"query":"home health aide"},"offset":40,"maxPageSize":20}"#
        );
        let who = SearchContext { seeker: 17, session: Session::Alert(0), device: None };
        assert_eq!(
            written(who, "/v3/projects/p/jobs:search", Query { page: 0, ..query }),
            r#"{"requestMetadata":{"domain":"seeker-sim.example","sessionId":"17-a0","userId":"17"},"#.to_owned()
                + r#""jobQuery":{"query":"home health aide"},"pageSize":20}"#
        );
    }
}
