//! Frames of JT/T 808, explained.

use axum::Json;
use serde::Deserialize;
use serde_json::{Value, json};
use vehicle_tracker::jt808::{explain, frames, from_hex};

use crate::error::{ApiError, ApiResult};
use crate::extract::ApiQuery;

/// Digits and blanks; a day of frames is for the command line.
const HEX_LIMIT: usize = 16_384;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExplainParams {
    hex: String,
}

pub(crate) async fn explain_frames(
    ApiQuery(params): ApiQuery<ExplainParams>,
) -> ApiResult<Json<Value>> {
    if params.hex.len() > HEX_LIMIT {
        return Err(ApiError::bad_request(
            &format!(
                "报文共 {} 个字符，最多 {HEX_LIMIT} 个；更长的请用命令 onemap explain",
                params.hex.len()
            ),
            &format!(
                "{} characters, the limit is {HEX_LIMIT}; use onemap explain for more",
                params.hex.len()
            ),
        ));
    }
    let bytes = from_hex(&params.hex).map_err(|fault| {
        ApiError::bad_request(
            &format!("报文须为十六进制，每字节两位：第 {} 个字符不对", fault.at + 1),
            &format!("hexadecimal, two digits for each byte: {fault}"),
        )
    })?;
    let found = frames(&bytes);
    if found.is_empty() {
        return Err(ApiError::bad_request(
            "没有找到报文：报文以 7E 开头并以 7E 结尾",
            "no frame: a frame begins and ends with 7e",
        ));
    }
    let frames: Vec<Value> =
        found.into_iter().map(|frame| json!({"parts": explain(frame)})).collect();
    Ok(Json(json!({"frames": frames})))
}
