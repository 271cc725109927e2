import JSONBytes

/// The document's own requests.
enum Sample {
    static let http: JSONValue = [
        "timestamp": 1_625_106_204, "ext_type": "XLSX", "title": "http接口数据源导出", "user_id": "123",
        "callback": "http://www.baidu.com",
        "source_http": [
            "url": "http://127.0.0.1:8080/demo/page", "method": "GET", "header": [:], "param": ["limit": 20],
        ],
    ]

    static let raw: JSONValue = [
        "timestamp": 1_625_106_207, "ext_type": "XLSX", "title": "请求直接携带数据导出", "user_id": "1231",
        "callback": "",
        "source_raw": #"[{"name":"姓名","age":"年龄"},{"name":"李雷","age":17}]"#,
    ]
}

extension JSONValue {
    /// The object with a member replaced or added; nil removes it.
    func setting(_ name: String, _ value: JSONValue) -> JSONValue {
        var kept = (members ?? []).filter { $0.key != name }
        if value != .null { kept.append(JSONMember(name, value)) }
        return .object(kept)
    }
}
