//  A move of the hand in the explorer, from the request to the last byte of the answer: strip, control and probabilities
//  over features of an analysed run, through the server and its socket.

import Exploration
import Explorer
import Foundation
import Images
import Raster
import Results
import Storage
import Torch

struct ExploreBenchmark: Benchmark {
  let name = "explore"
  let summary =
    "a move of a slider through N x A features at the server: median and 99th percentile (goals: 25 ms and 60 ms)"
  let rows = ["50000x640", "10000x64"]

  func comparison(row: String, settings: WorkerSettings) -> Comparison {
    Comparison(
      unit: "move", images: nil,
      sides: [
        Side(name: "median", language: .swift, quantity: .median), Side(name: "p99", language: .swift, quantity: .tail),
      ],
      claims: [], roundSeconds: 2)
  }

  func work(row: String, side: String, settings: WorkerSettings, rounds: Rounds) throws {
    let extents = row.split(separator: "x").compactMap { Int($0) }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("isda-explore-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let run = SyntheticRun(RunFolder(folder), count: extents[0], width: extents[1])
    try run.write()
    let moves = try Moves(run)
    defer { moves.stop() }
    try rounds.run { try moves.next() }
  }
}

/// What an analysis would leave of N images with A features in ten classes, as far as the explorer reads it.
private struct SyntheticRun {
  static let classCount = 10
  static let side = 4

  let folder: RunFolder
  let count, width: Int
  var labels: [Int] { (0..<count).map { $0 % Self.classCount } }
  var classNames: [String] { (0..<Self.classCount).map { "class\($0)" } }

  init(_ folder: RunFolder, count: Int, width: Int) { (self.folder, self.count, self.width) = (folder, count, width) }

  var images: ImageSet {
    ImageSet(
      width: Self.side, height: Self.side, pixels: [UInt8](repeating: 128, count: count * Self.side * Self.side * 3),
      labels: labels)
  }

  func write() throws {
    let generator = RandomGenerator(seed: 0, "explorer")
    let scales = Tensor((0..<width).map { Float(2 / (1 + 0.1 * Double($0))) }, shape: [1, width])
    let features = (generator.normal([count, width]) * scales).array(of: Float.self)
    let weight = (generator.normal([Self.classCount, width]) * 0.2).array(of: Float.self)
    let logits = Tensor(features, shape: [count, width]).matmul(
      Tensor(weight, shape: [Self.classCount, width]).transposed
    ).array(of: Float.self)
    try Safetensors(arrays: [
      "features": StoredArray(features, shape: [count, width]),
      "logits": StoredArray(logits, shape: [count, Self.classCount]),
      "labels": StoredArray(labels.map(Int64.init), shape: [count]),
    ]).write(to: folder.features(.test))
    try Safetensors(arrays: [
      "hub_damping": StoredArray([Float](repeating: 1, count: count), shape: [count]),
      "weight": StoredArray(weight, shape: [Self.classCount, width]),
      "bias": StoredArray([Float](repeating: 0, count: Self.classCount), shape: [Self.classCount]),
    ]).write(to: folder.directions)
    let entries = labels.enumerated().map { row, label in
      FeatureMap.Entry(
        image: ImageReference(.test, row), label: label, predicted: label, x: Double(features[row * width]),
        y: Double(features[row * width + 1]))
    }
    try JSONFile.write(
      DirectionsReport(
        classNames: classNames, spectra: [], extremes: [], map: FeatureMap(entries: entries, shares: [0.1, 0.1]),
        factors: nil), to: folder.report)
    try JSONFile.write(
      RunConfiguration(images: DatasetChoice(name: "noise"), network: "none", loss: .ce, epochs: 1),
      to: folder.configurationFile)
    var catalogue = DirectionCatalogue(dimension: width)
    func unit(_ place: Int) -> [Double] { (0..<width).map { $0 == place ? 1 : 0 } }
    for index in 0..<Self.classCount {
      for k in 0..<8 {
        catalogue.add(
          DirectionEntry(
            id: "class\(index).principal.\(k + 1)", kind: .principal, classIndex: index, title: "direction \(k + 1)",
            sigma: 2 / (1 + 0.1 * Double(k)), lower: -2.3, upper: 2.3), vector: unit((index + k) % width))
      }
      catalogue.add(
        DirectionEntry(
          id: "class\(index).random", kind: .random, classIndex: index, title: "random", sigma: 1, lower: -2.3,
          upper: 2.3), vector: unit((index + 20) % width))
    }
    try catalogue.write(to: folder.catalogueFile)
  }
}

/// A hand that drags one slider after another through a run, and now and then takes another anchor.
private final class Moves {
  private let server: ExplorerServer
  private let client: MoveClient
  private var number = 0

  init(_ run: SyntheticRun) throws {
    let explored = ExploredRun(run.folder, place: 0, images: run.images) { _ in "isda directions show" }
    let names = run.classNames
    let token = Access.randomToken()
    server = try waiting {
      _ = try await explored.load(names)
      return try await ExplorerServer.start(port: 0) { port in
        ExplorerService(OneRun(run: explored), access: Access(port: port, token: token))
      }
    }
    client = try MoveClient(port: server.port, token: token)
  }

  func stop() {
    let server = server
    try? waiting { await server.stop() }
  }

  /// 40 moves of a slider, then the next direction; after three directions the next anchor.
  func next() throws {
    let position = -4 + Double(number % 40) * 0.2
    let (direction, anchor) = (number / 40 % 3, number / 120)
    number += 1
    let label = anchor % SyntheticRun.classCount
    try client.get(
      "/api/runs/0/walk?anchor=\(anchor)&direction=class\(label).principal.\(direction + 1)"
        + "&position=\(position)&direction=class\(label).principal.\(direction + 2)&position=1.5")
  }
}

/// A backend that has one run and knows walks only.
private struct OneRun: ExplorerBackend {
  let run: ExploredRun

  var session: SessionAnswer { SessionAnswer(classes: nil, images: nil, runs: []) }
  func image(_ row: Int) -> Image? { nil }
  func map(_ kind: MapKind, of run: Int) async throws -> MapAnswer { try await self.run.map(kind) }
  func details(of row: Int, in run: Int) async throws -> ImageAnswer { try await self.run.details(of: row) }
  func directions(of classIndex: Int, in run: Int) async throws -> ClassAnswer {
    try await self.run.directions(of: classIndex)
  }
  func walk(_ question: WalkQuestion, in run: Int) async throws -> WalkAnswer { try await self.run.walk(question) }
  func matches(of classIndex: Int, first: Int, second: Int) async throws -> MatchesAnswer { throw unknown }
  func make(_ direction: OwnDirection, in run: Int) async throws -> ChangeAnswer { throw unknown }
  func change(_ change: DirectionChange, in run: Int) async throws -> ChangeAnswer { throw unknown }
  func delete(_ deletion: DirectionDeletion, in run: Int) async throws -> ChangeAnswer { throw unknown }
  func export(_ ids: [String], from run: Int) async throws -> FileList { throw unknown }
  func bring(_ files: FileList, into run: Int) async throws -> ImportAnswer { throw unknown }
  func figure(_ question: FigureQuestion, of run: Int) async throws -> FigureFile { throw unknown }
  func command(for question: FigureQuestion, of run: Int) async throws -> String { throw unknown }

  private var unknown: ExplorerError { ExplorerError(.noSuchRoute, "not measured") }
}

/// One connection that asks and waits, as a browser does.
private final class MoveClient {
  private let descriptor: Int32
  private let head: String
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)

  init(port: Int, token: String) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    head = "HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nAuthorization: Bearer \(token)\r\n\r\n"
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else { throw WorkerError(description: "the server does not answer") }
  }

  deinit { close(descriptor) }

  /// - Throws: `WorkerError` for anything but a whole answer with status 200.
  func get(_ path: String) throws {
    let request = Array("GET \(path) \(head)".utf8)
    guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
      throw WorkerError(description: "the server takes no request")
    }
    var answer: [UInt8] = []
    var wanted = Int.max
    while answer.count < wanted {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { throw WorkerError(description: "the server ended") }
      answer += buffer[0..<count]
      guard wanted == .max, let end = Data(answer).range(of: Data("\r\n\r\n".utf8)) else { continue }
      let text = String(decoding: answer[0..<end.upperBound], as: UTF8.self)
      guard text.hasPrefix("HTTP/1.1 200"), let length = text.firstMatch(of: /(?i)content-length: (\d+)/) else {
        throw WorkerError(description: "the server answers \(String(decoding: answer, as: UTF8.self).prefix(400))")
      }
      wanted = end.upperBound + (Int(length.1) ?? 0)
    }
  }
}

/// Runs what is asynchronous and waits for it.
private func waiting<Value: Sendable>(_ body: @Sendable @escaping () async throws -> Value) throws -> Value {
  nonisolated(unsafe) var result: Result<Value, any Error>?
  let done = DispatchSemaphore(value: 0)
  Task {
    // Written before the signal and read after it.
    do { result = .success(try await body()) } catch { result = .failure(error) }
    done.signal()
  }
  done.wait()
  guard let result else { preconditionFailure("a task that ended without a result") }
  return try result.get()
}
