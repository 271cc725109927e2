import JSONBytes
package import NIOCore

/// What two sides can agree on beyond plain JSON-RPC.
package enum RPCFeature: String, Sendable, CaseIterable {
    case meta, xframe, cancel, stream, goaway
}

/// The limits a side states in hello; each says what that side takes.
package struct RPCHelloLimits: Sendable, Hashable {
    package var frameBytesMax: Int
    package var inFlightMax: Int

    /// What a peer asks for that says nothing of calls in flight.
    package static let inFlightUnsaid = 256

    package init(frameBytesMax: Int, inFlightMax: Int) {
        self.frameBytesMax = frameBytesMax
        self.inFlightMax = inFlightMax
    }

    /// What both sides can do.
    package func intersection(_ other: Self) -> Self {
        Self(
            frameBytesMax: min(frameBytesMax, other.frameBytesMax), inFlightMax: min(inFlightMax, other.inFlightMax))
    }
}

/// The parameters of `rpc.hello`, and with one version its result.
package struct RPCHello: Sendable {
    package static let method = "rpc.hello"
    package static let version = 1

    package var versions: [Int]
    /// Program and version, for logs.
    package var peer: String
    package var role: String
    package var features: Set<RPCFeature>
    package var limits: RPCHelloLimits
    /// The secret that proves a role; only ever sent by clients.
    package var secret: String?
    /// The token that says who calls; only ever sent by clients.
    package var token: String?

    package init(
        versions: [Int] = [Self.version], peer: String, role: String,
        features: Set<RPCFeature> = Set(RPCFeature.allCases), limits: RPCHelloLimits, secret: String? = nil,
        token: String? = nil
    ) {
        self.versions = versions
        self.peer = peer
        self.role = role
        self.features = features
        self.limits = limits
        self.secret = secret
        self.token = token
    }
}

extension RPCHello {
    /// Reads parameters or result; features we do not know are left out, limits not stated are ours.
    package init?(json: ByteBuffer?, defaults: RPCHelloLimits) {
        guard let fields = JSONFields(json) else { return nil }
        let limits = JSONFields(fields.raw("limits", .object))
        let auth = JSONFields(fields.raw("auth", .object))
        self.init(
            versions: fields.integers("versions") ?? fields.integer("version").map { [$0] } ?? [],
            peer: fields.string("peer") ?? "", role: fields.string("role") ?? "",
            features: Set((fields.strings("features") ?? []).compactMap(RPCFeature.init(rawValue:))),
            limits: RPCHelloLimits(
                frameBytesMax: max(1024, limits?.integer("frame_bytes_max") ?? defaults.frameBytesMax),
                inFlightMax: max(1, limits?.integer("in_flight_max") ?? defaults.inFlightMax)),
            secret: auth?.string("secret"), token: auth?.string("token"))
    }

    /// What a client sends.
    package var parameters: ByteBuffer {
        json { writer in
            writer.key("versions")
            writer.beginArray()
            for version in versions { writer.integer(version) }
            writer.endArray()
        }
    }

    /// What a server answers.
    package var result: ByteBuffer {
        json { writer in writer.member("version", versions.first ?? Self.version) }
    }

    private func json(_ writeVersions: (inout JSONWriter) -> Void) -> ByteBuffer {
        var writer = JSONWriter(reservingCapacity: 256)
        writer.beginObject()
        writeVersions(&writer)
        writer.member("peer", peer)
        writer.member("role", role)
        writer.key("features")
        writer.beginArray()
        for feature in RPCFeature.allCases where features.contains(feature) { writer.string(feature.rawValue) }
        writer.endArray()
        writer.key("limits")
        writer.beginObject()
        writer.member("frame_bytes_max", limits.frameBytesMax)
        writer.member("in_flight_max", limits.inFlightMax)
        writer.endObject()
        if secret != nil || token != nil {
            writer.key("auth")
            writer.beginObject()
            if let secret { writer.member("secret", secret) }
            if let token { writer.member("token", token) }
            writer.endObject()
        }
        writer.endObject()
        return ByteBuffer(bytes: writer.bytes)
    }
}
