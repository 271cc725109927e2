/// What all loops of one façade have in common.
struct FacadeSettings: Sendable {
    let configuration: GatewayConfiguration
    let options: FacadeOptions
    let hosts: HostRule
    let callers: FacadeGuard?
}
