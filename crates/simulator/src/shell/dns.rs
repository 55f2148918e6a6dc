//! A small name server: the workload's names, over UDP.

use std::convert::Infallible;
use std::net::Ipv4Addr;

use hickory_proto::op::{Message, MessageType, OpCode, ResponseCode};
use hickory_proto::rr::rdata::{A, CNAME};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use tokio::net::UdpSocket;

use super::InProcess;
use crate::regions::Region;

/// Answers queries on a socket, for ever.
pub(super) async fn serve(socket: UdpSocket, world: InProcess) -> Infallible {
    let mut buffer = [0; 1500];
    loop {
        let Ok((length, client)) = socket.recv_from(&mut buffer).await else { continue };
        if let Some(answer) = answer(&world, &buffer[..length])
            && let Err(error) = socket.send_to(&answer, client).await
        {
            tracing::debug!(%error, "a DNS answer could not be sent");
        }
    }
}

/// The answer to a query; none when it is not a query at all.
fn answer(world: &InProcess, query: &[u8]) -> Option<Vec<u8>> {
    let query = Message::from_vec(query).ok()?;
    if query.message_type() != MessageType::Query {
        return None;
    }
    let mut answer = Message::new();
    answer
        .set_id(query.id())
        .set_message_type(MessageType::Response)
        .set_op_code(query.op_code())
        .set_recursion_desired(query.recursion_desired())
        .set_recursion_available(true)
        .add_queries(query.queries().to_vec());
    match query.queries() {
        [question] if query.op_code() == OpCode::Query => {
            let asked = question.name();
            match records(world, asked) {
                None => {
                    answer.set_response_code(ResponseCode::NXDomain);
                }
                // A name without a record of this type: no error and no answer.
                Some(records) => {
                    answer.add_answers(records.into_iter().filter(|record| {
                        question.query_type() == RecordType::A
                            || record.record_type() == question.query_type()
                    }));
                }
            }
        }
        [_] => {
            answer.set_response_code(ResponseCode::NotImp);
        }
        _ => {
            answer.set_response_code(ResponseCode::FormErr);
        }
    }
    answer.to_vec().ok()
}

/// All records of a name; of the profile's name first the `CNAME` of the address' own name, as
/// Traffic Manager answers it.
fn records(world: &InProcess, asked: &Name) -> Option<Vec<Record>> {
    let name = asked.to_ascii();
    let (addresses, ttl) = world.resolve(name.trim_end_matches('.'))?;
    let mut records = Vec::new();
    let mut owner = asked.clone();
    if name.to_ascii_lowercase().trim_end_matches('.').ends_with(".trafficmanager.net")
        && let Some(label) = addresses.first().and_then(|address| label_of(world, *address))
        && let Ok(label) = Name::from_ascii(format!("{label}."))
    {
        let alias = RData::CNAME(CNAME(label.clone()));
        records.push(Record::from_rdata(asked.clone(), ttl, alias));
        owner = label;
    }
    let address = |address| Record::from_rdata(owner.clone(), ttl, RData::A(A(address)));
    records.extend(addresses.into_iter().map(address));
    Some(records)
}

/// The DNS label's name of a public address.
fn label_of(world: &InProcess, address: Ipv4Addr) -> Option<String> {
    Region::BOTH
        .into_iter()
        .flat_map(|region| {
            ["agw", "ihs", "dmgr"]
                .map(|what| format!("{what}-cafe.{}.cloudapp.azure.com", region.name()))
        })
        .find(|name| world.resolve(name).is_some_and(|(addresses, _)| addresses.contains(&address)))
}
