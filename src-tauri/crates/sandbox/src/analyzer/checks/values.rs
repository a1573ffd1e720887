//! Values that a condition key never has.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use std::net::{IpAddr, Ipv4Addr};

use super::super::condition_keys::Type;
use super::operators::Operator;
use super::{Found, Part};

pub(super) fn check(found: &mut Found, operator: &Operator<'_>, key: &str, values: &Part<'_>) {
    let is = |name: &str| key.eq_ignore_ascii_case(name);
    match operator.compares {
        Type::Address if is("aws:SourceIp") => addresses(found, operator, values),
        Type::Text if is("aws:SourceVpc") => {
            let details = "The VPC identifier in the condition key value is not valid. Use the \
                           prefix 'vpc-' followed by 8 or 17 alphanumeric characters.";
            identifiers(found, values, "vpc-", "INVALID_VPC_FORMAT", details);
        }
        Type::Text if is("aws:SourceVpce") => {
            let details = "The VPCE identifier in the condition key value is not valid.  Use the \
                           prefix 'vpce-' followed by 8 or 17 alphanumeric characters.";
            identifiers(found, values, "vpce-", "INVALID_VPCE_FORMAT", details);
        }
        _ => {}
    }
}

/// No request comes from a private address, as far as `aws:SourceIp` tells.
fn addresses(found: &mut Found, operator: &Operator<'_>, values: &Part<'_>) {
    let entries = values.entries();
    let private = entries
        .iter()
        .filter(|value| value.node.text().is_some_and(is_private))
        .count();
    let excludes = operator.name == "NotIpAddress";
    match (private, excludes) {
        (0, _) => {}
        (all, false) if all == entries.len() => {
            let details = "aws:SourceIp works only for public IP address ranges. The values for \
                           condition key aws:SourceIp include only private IP addresses and will \
                           not have the desired effect. Update the value to include only public \
                           IP addresses.";
            found.error("PRIVATE_IP_ADDRESS", details, values);
        }
        (all, true) if all == entries.len() => {
            let details = "The values for condition key aws:SourceIp include only private IP \
                           addresses and has no effect. aws:SourceIp works only for public IP \
                           address ranges. Update the value to include only public IP addresses.";
            found.error("PRIVATE_NOT_IP_ADDRESS", details, values);
        }
        (_, false) => {
            let details = "The values for condition key aws:SourceIp include a mix of private and \
                           public IP addresses. The private addresses will not have the desired \
                           effect. aws:SourceIp works only for public IP address ranges. To \
                           define permissions for private IP ranges, use aws:VpcSourceIp.";
            found.suggestion("PRIVATE_IP_ADDRESS_SUBSET", details, values);
        }
        (_, true) => {
            let details = "The values for condition key aws:SourceIp include a mix of private and \
                           public IP addresses. The private addresses have no effect. \
                           aws:SourceIp works only for public IP address ranges. To define \
                           permissions for private IP ranges, use aws:VpcSourceIp.";
            found.suggestion("PRIVATE_NOT_IP_ADDRESS_SUBSET", details, values);
        }
    }
}

/// Whether all addresses of a range are private ones, <https://www.rfc-editor.org/rfc/rfc1918>.
fn is_private(range: &str) -> bool {
    let (address, length) = range.split_once('/').unwrap_or((range, "32"));
    let (Ok(IpAddr::V4(address)), Ok(length)) = (address.parse(), length.parse::<u8>()) else {
        return false;
    };
    let ranges = [
        (Ipv4Addr::new(10, 0, 0, 0), 8),
        (Ipv4Addr::new(172, 16, 0, 0), 12),
        (Ipv4Addr::new(192, 168, 0, 0), 16),
    ];
    let within = |first: Ipv4Addr, bits: u8| {
        let apart = u32::from(first) ^ u32::from(address);
        (bits..=32).contains(&length) && apart.leading_zeros() >= u32::from(bits)
    };
    ranges.iter().any(|(first, bits)| within(*first, *bits))
}

fn identifiers(
    found: &mut Found,
    values: &Part<'_>,
    prefix: &str,
    code: &'static str,
    details: &str,
) {
    for value in values.entries() {
        let text = value.node.text();
        // What a wildcard or a variable stands for may be right.
        let text = text.filter(|text| !text.contains(['*', '?', '$']));
        let wrong = text.is_some_and(|text| {
            let letters = text.strip_prefix(prefix).unwrap_or_default();
            let length_fits = matches!(letters.len(), 8 | 17);
            !length_fits || !letters.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        if wrong {
            found.error(code, details, &value);
        }
    }
}
