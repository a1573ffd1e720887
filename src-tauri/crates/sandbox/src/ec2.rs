//! The one operation of EC2 that the app asks: which regions the account can use.

use crate::api::{ApiError, Call};
use crate::iam::authorise::authorize;
use crate::iam::caller::Caller;
use crate::iam::condition::like;
use crate::query::Params;
use crate::regions::{Partition, Region};
use crate::xml::Xml;

/// Answers one operation; `None` if EC2 has none of this name here.
pub(crate) fn answer(
    caller: &Caller,
    call: &Call,
    operation: &str,
    params: &Params,
) -> Option<Result<Xml, ApiError>> {
    (operation == "DescribeRegions").then(|| describe_regions(caller, call, params))
}

fn describe_regions(caller: &Caller, call: &Call, params: &Params) -> Result<Xml, ApiError> {
    authorize(caller, call, "ec2:DescribeRegions", "*")?;
    if params
        .one("DryRun")
        .is_some_and(|flag| flag.eq_ignore_ascii_case("true"))
    {
        return Err(ApiError::new(
            "DryRunOperation",
            "Request would have succeeded, but DryRun flag is set.",
        )
        .with_status(412));
    }
    let names = params.list("RegionName");
    let regions = caller.partition.regions();
    let known = |name: &str| regions.iter().any(|region| region.name == name);
    if let Some(unknown) = names.iter().find(|name| !known(name)) {
        return Err(ApiError::new(
            "InvalidParameterValue",
            format!("Invalid region found: '{unknown}'"),
        ));
    }
    let filters = filters(params)?;
    let wanted = |region: &&Region| {
        (names.is_empty() || names.contains(&region.name))
            && filters.iter().all(|filter| filter.passes(region))
    };
    let mut items = Xml::new();
    // With every region enabled, `AllRegions` adds none.
    for region in regions.iter().filter(wanted) {
        let item = Xml::new()
            .text("regionName", region.name)
            .text("regionEndpoint", endpoint(region))
            .text("optInStatus", opt_in_status(region));
        items = items.inside("item", item);
    }
    Ok(Xml::new().inside("regionInfo", items))
}

struct Filter<'a> {
    field: fn(&Region) -> String,
    values: Vec<&'a str>,
}

impl Filter<'_> {
    fn passes(&self, region: &Region) -> bool {
        let is = (self.field)(region);
        self.values.iter().any(|value| like(value, &is))
    }
}

fn filters(params: &Params) -> Result<Vec<Filter<'_>>, ApiError> {
    let mut filters = Vec::new();
    for turn in 1.. {
        let Some(name) = params.one(&format!("Filter.{turn}.Name")) else {
            break;
        };
        let field = match name {
            "endpoint" => endpoint,
            "opt-in-status" => |region: &Region| opt_in_status(region).to_owned(),
            "region-name" => |region: &Region| region.name.to_owned(),
            _ => {
                return Err(ApiError::new(
                    "InvalidParameterValue",
                    format!("The filter '{name}' is invalid"),
                ));
            }
        };
        filters.push(Filter {
            field,
            values: params.list(&format!("Filter.{turn}.Value")),
        });
    }
    Ok(filters)
}

fn endpoint(region: &Region) -> String {
    format!(
        "ec2.{}.{}",
        region.name,
        Partition::of(region.name).domain()
    )
}

fn opt_in_status(region: &Region) -> &'static str {
    if region.opt_in {
        "opted-in"
    } else {
        "opt-in-not-required"
    }
}
