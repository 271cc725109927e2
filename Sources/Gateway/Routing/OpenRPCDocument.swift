import JSONBytes

/// What the router says it offers: the documents of its services as one.
enum OpenRPCDocument {
    /// Methods one after another; of equal names under `components` the first stands, as all of ours are prefixed.
    static func merged(_ documents: [[UInt8]], version: String) throws(JSONSyntaxError) -> [UInt8] {
        var methods: [JSONValue] = []
        var components: [JSONMember] = []
        for document in documents {
            let document = try JSONValue(parsing: document)
            methods += document["methods"]?.elements ?? []
            for group in document["components"]?.members ?? [] { add(group, to: &components) }
        }
        let info: JSONValue = ["title": "pailou gateway", "version": .string(version)]
        let whole: JSONValue = [
            "openrpc": "1.3.2", "info": info, "methods": .array(methods), "components": .object(components),
        ]
        return whole.bytes
    }

    private static func add(_ group: JSONMember, to components: inout [JSONMember]) {
        guard let place = components.firstIndex(where: { $0.key == group.key }) else {
            return components.append(group)
        }
        var members = components[place].value.members ?? []
        for member in group.value.members ?? [] where !members.contains(where: { $0.key == member.key }) {
            members.append(member)
        }
        components[place].value = .object(members)
    }
}
