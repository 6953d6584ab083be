//  What the server asks of the runs. Whoever has features answers; the server knows nothing of tensors.

public import Raster

/// Answers about runs, by their place from 0. Every call may throw `ExplorerError`, or `FileError` for files.
public protocol ExplorerBackend: Sendable {
  /// Never waits: what is known now.
  var session: SessionAnswer { get }
  /// The pixels of a test image; nil while there is no data set, or if there is no such image.
  func image(_ row: Int) -> Image?

  func map(_ kind: MapKind, of run: Int) async throws -> MapAnswer
  func details(of row: Int, in run: Int) async throws -> ImageAnswer
  func directions(of classIndex: Int, in run: Int) async throws -> ClassAnswer
  func walk(_ question: WalkQuestion, in run: Int) async throws -> WalkAnswer
  func matches(of classIndex: Int, first: Int, second: Int) async throws -> MatchesAnswer

  func make(_ direction: OwnDirection, in run: Int) async throws -> ChangeAnswer
  func change(_ change: DirectionChange, in run: Int) async throws -> ChangeAnswer
  func delete(_ deletion: DirectionDeletion, in run: Int) async throws -> ChangeAnswer
  func export(_ ids: [String], from run: Int) async throws -> FileList
  func bring(_ files: FileList, into run: Int) async throws -> ImportAnswer

  func figure(_ question: FigureQuestion, of run: Int) async throws -> FigureFile
  func command(for question: FigureQuestion, of run: Int) async throws -> String
}

// MARK: - What it is asked

/// A direction from group B to group A.
public struct OwnDirection: Sendable, Decodable {
  public enum Group: Sendable, Decodable, Equatable {
    case rows([Int])
    case ofClass(Int)
    /// Whatever is not in the other group.
    case rest

    enum CodingKeys: String, CodingKey, CaseIterable {
      case rows
      case ofClass = "class"
      case rest
    }

    public init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      guard values.allKeys.count == 1 else {
        throw DecodingError.dataCorrupted(
          .init(codingPath: decoder.codingPath, debugDescription: "a group has one of rows, class and rest"))
      }
      switch values.allKeys[0] {
      case .rows: self = .rows(try values.decode([Int].self, forKey: .rows))
      case .ofClass: self = .ofClass(try values.decode(Int.self, forKey: .ofClass))
      case .rest: self = .rest
      }
    }
  }

  public struct Near: Sendable, Decodable {
    public let anchor: Int
    public let neighbours: Int

    public init(anchor: Int, neighbours: Int) { (self.anchor, self.neighbours) = (anchor, neighbours) }
  }

  public var a, b: Group
  public var near: Near?
  /// The id of a direction that is projected out.
  public var without: String?
  /// Whose test images σ and range are measured on; all if nil.
  public var classIndex: Int?
  public var name: String
  public var note: String?
  public var save: Bool?

  enum CodingKeys: String, CodingKey {
    case classIndex = "class"
    case a, b, near, without, name, note, save
  }

  public init(a: Group, b: Group, name: String) { (self.a, self.b, self.name) = (a, b, name) }
}

/// What people say of a direction; nil leaves it as it is.
public struct DirectionChange: Sendable, Decodable {
  public let id: String
  /// As the page knows it.
  public let version: String
  public var name: String?
  public var note: String?
  public var lower: Double?
  public var upper: Double?

  public init(id: String, version: String) { (self.id, self.version) = (id, version) }
}

public struct DirectionDeletion: Sendable, Decodable {
  public let id: String
  public let version: String

  public init(id: String, version: String) { (self.id, self.version) = (id, version) }
}

/// What is to be drawn.
public struct FigureQuestion: Sendable {
  public enum Subject: Sendable {
    /// With the same anchor in another run beside it, if given.
    case walk(WalkQuestion, beside: WalkCompanion?)
    case map(MapKind)
    case spectrum
    case directions(classIndex: Int)
  }

  public enum Format: String, Sendable, CaseIterable {
    case png, svg, pdf, csv

    public var type: String {
      switch self {
      case .png: "image/png"
      case .svg: "image/svg+xml"
      case .pdf: "application/pdf"
      case .csv: "text/csv; charset=utf-8"
      }
    }
  }

  public var subject: Subject
  public var format: Format
  public var isDark: Bool
}
