import Testing

@testable import ServiceRuntime

private let conn = Setting("export.connMax", .integer(1...64), default: 5, "Pages in flight at once.")
private let sources = Setting("export.allowedSources", .list(of: "addresses"), default: [], "Who may be crawled.")
private let body = Setting("gateway.bodyBytesMax", .bytes(1...(1 << 30)), default: 50 << 20, "Largest body.")
private let idle = Setting("gateway.idleMax", .duration(.seconds(1) ... .seconds(3600)), default: .seconds(60), "Idle.")
private let secret = Setting("outbox.secret", .text, default: "", isSecret: true, "Signs callbacks.")
private let table: [any AnySetting] = [conn, sources, body, idle, secret]

struct SettingsTests {
    @Test(arguments: [
        ("export.allowedSources", "PAILOU_EXPORT_ALLOWED_SOURCES"),
        ("gateway.publicURL", "PAILOU_GATEWAY_PUBLIC_URL"),
        ("log.level", "PAILOU_LOG_LEVEL"),
    ])
    func everyKeyHasAnEnvironmentVariable(key: String, name: String) {
        #expect(settingEnvironmentName(of: key) == name)
    }

    @Test func defaultsHoldWhereNothingIsSet() async throws {
        let settings = try await Settings(table: table, filePath: nil, environment: [:])
        #expect(settings[conn] == 5)
        #expect(settings[idle] == .seconds(60))
        #expect(settings.text(of: conn).source == .default)
    }

    @Test func environmentWinsOverFileAndFileOverDefault() async throws {
        let file = try TemporaryYAML("export:\n  connMax: 7\n  allowedSources: [10.0.0.0/8, 'a:80']\n")
        let settings = try await Settings(
            table: table, filePath: file.path, environment: ["PAILOU_EXPORT_CONN_MAX": "9"])
        #expect(settings[conn] == 9)
        #expect(settings.text(of: conn).source == .environment(name: "PAILOU_EXPORT_CONN_MAX"))
        #expect(settings[sources] == ["10.0.0.0/8", "a:80"])
        #expect(settings.text(of: sources).source == .file("\(file.path):3"))
    }

    @Test(arguments: ["", "# all of it is a comment\n", "---\n"])
    func aFileWithoutKeysSetsNothing(text: String) async throws {
        let file = try TemporaryYAML(text)
        let settings = try await Settings(table: table, filePath: file.path, environment: [:])
        #expect(settings.text(of: conn).source == .default)
    }

    @Test func anEmptyEnvironmentVariableCountsAsUnset() async throws {
        let settings = try await Settings(
            table: table, filePath: nil, environment: ["PAILOU_EXPORT_ALLOWED_SOURCES": ""])
        #expect(settings.text(of: sources).source == .default)
    }

    @Test func aListInTheEnvironmentIsSplitAtCommas() async throws {
        let settings = try await Settings(
            table: table, filePath: nil, environment: ["PAILOU_EXPORT_ALLOWED_SOURCES": "127.0.0.1:80, 10.0.0.0/8"])
        #expect(settings[sources] == ["127.0.0.1:80", "10.0.0.0/8"])
    }

    @Test func aBadValueIsToldWithPlaceKeyValueAndWhatIsAllowed() async throws {
        let file = try TemporaryYAML("gateway:\n  bodyBytesMax: 1MiB\nexport:\n  connMax: many\n")
        let error = await #expect(throws: SettingsError.self) {
            try await Settings(table: table, filePath: file.path, environment: [:])
        }
        #expect(
            error?.description
                == "\(file.path):4: export.connMax is \"many\"; expected an integer from 1 to 64")
    }

    @Test func aMisspeltKeyIsRefused() async throws {
        let file = try TemporaryYAML("export:\n  connmax: 3\n")
        let error = await #expect(throws: SettingsError.self) {
            try await Settings(table: table, filePath: file.path, environment: [:])
        }
        #expect(error?.description.contains(":2: there is no setting export.connmax") == true)
    }

    @Test func aMissingFileIsTold() async throws {
        let error = await #expect(throws: SettingsError.self) {
            try await Settings(table: table, filePath: "/nowhere/pailou.yaml", environment: [:])
        }
        #expect(error?.description.contains("/nowhere/pailou.yaml") == true)
    }

    @Test func aBadValueOfASecretIsNotPrinted() async throws {
        let pin = Setting("outbox.secret", .integer(1...9), default: 1, isSecret: true, "A secret number.")
        let error = await #expect(throws: SettingsError.self) {
            try await Settings(table: [pin], filePath: nil, environment: ["PAILOU_OUTBOX_SECRET": "hunter2"])
        }
        #expect(error?.description.contains("hunter2") == false)
    }
}
