/** Frames for the tests of this folder, as the server explains them. */
import type { Frame, FramePart } from '../../api/frames';

type Row = [zh: string, en: string, hex: string, meaning?: string, fault?: string];

/** Offsets follow from the bytes. */
export function partsOf(rows: Row[], location: number | null = null, from = 0): FramePart[] {
  let end = from;
  return rows.map(([zh, en, hex, meaning = '', fault]) => {
    const start = end;
    end += hex.length / 2;
    return {
      range: { start, end },
      location,
      name: { zh, en },
      hex,
      meaning: { zh: meaning, en: meaning },
      fault: fault === undefined ? null : { zh: fault, en: `${fault} (en)` },
    };
  });
}

const HEADER: Row[] = [
  ['标识位', 'flag', '7E'],
  ['消息ID', 'message id', '0200', '位置信息汇报'],
  ['消息体属性', 'attributes', '0026', '消息体38字节'],
  ['终端手机号', "terminal's number", '123456789012', '123456789012'],
  ['消息流水号', 'serial', '007D02', '126'],
];

/** The sample of the page; with another checksum the fault that the server tells. */
export function sampleFrame(checksum = '13'): Frame {
  return {
    parts: partsOf([
      ...HEADER,
      ['报警标志', 'alarms', '00000001', '紧急报警'],
      ['状态', 'status', '00000002', 'ACC关、已定位、空车'],
      ['纬度', 'latitude', '00BA7F0E', '12.222222° N'],
      ['经度', 'longitude', '07E4F11C', '132.444444° E'],
      ['高程', 'altitude', '0028', '40 m'],
      ['速度', 'speed', '003C', '6.0 km/h'],
      ['方向', 'heading', '0000', '0°'],
      ['时间', 'time', '181015101010', '2018-10-15 10:10:10 +08:00'],
      ['附加信息ID', 'item id', '01', '里程'],
      ['附加信息长度', 'item length', '04', '4'],
      ['里程', 'mileage', '00000064', '10.0 km'],
      ['附加信息ID', 'item id', '02', '油量'],
      ['附加信息长度', 'item length', '02', '2'],
      ['油量', 'fuel', '007D01', '12.5 L'],
      checksum === '13'
        ? ['校验码', 'checksum', checksum, '正确']
        : ['校验码', 'checksum', checksum, '', '应为 13'],
      ['标识位', 'flag', '7E'],
    ]),
  };
}

/** Two locations in one message, the second cut short. */
export function batchFrame(): Frame {
  const head = partsOf([...HEADER.slice(0, 2), ['数据项个数', 'locations', '0002', '2']]);
  const place: Row[] = [
    ['位置数据长度', 'length of the location', '001C', '28'],
    ['纬度', 'latitude', '00BA7F0E', '12.222222° N'],
  ];
  const first = partsOf(place, 1, 5);
  const second = partsOf(
    [['位置数据长度', 'length of the location', '001C', '28', '需要28字节，只剩0字节']],
    2,
    11,
  );
  const tail = partsOf(
    [
      ['校验码', 'checksum', '00', '正确'],
      ['标识位', 'flag', '', '', '缺少标识位'],
    ],
    null,
    13,
  );
  return { parts: [...head, ...first, ...second, ...tail] };
}
